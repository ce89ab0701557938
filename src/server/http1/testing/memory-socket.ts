import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';

/** A client's end of a connection without a network: what the server wrote, and whether it closed. */
export interface MemoryClient {
  readonly socket: Socket;
  /** Everything that the server wrote. */
  readonly text: () => string;
  /** Whether the server ended its side. */
  readonly ended: () => boolean;
  /** Sends bytes; null ends the client's side. */
  send(text: string | null): void;
}

/** A socket that both servers take for one of TCP; bytes pass without a turn of the event loop. */
export function memoryClient(): MemoryClient {
  let text = '';
  let ended = false;
  const duplex = new Duplex({
    allowHalfOpen: true,
    read() {},
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString('latin1');
      done();
    },
    final(done) {
      ended = true;
      done();
    },
  });
  // The parts of a socket that a stream does not have and the servers ask for.
  const socket = Object.assign(duplex, {
    remoteAddress: '127.0.0.1',
    setTimeout: () => duplex,
    setNoDelay: () => duplex,
    setKeepAlive: () => duplex,
    destroySoon: () => {
      duplex.end(() => duplex.destroy());
    },
    resetAndDestroy: () => duplex.destroy(),
  });
  return {
    socket: socket as unknown as Socket,
    text: () => text,
    ended: () => ended || duplex.destroyed,
    send: (bytes) => {
      if (!duplex.destroyed) duplex.push(bytes === null ? null : Buffer.from(bytes, 'latin1'));
    },
  };
}
