import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';

/** A client's end of a connection without a network: what the server wrote, and whether it closed. */
export interface MemoryClient {
  readonly socket: Socket;
  /** Everything that the server wrote. */
  readonly text: () => string;
  /** How the server ended its side. */
  readonly end: () => 'open' | 'ended' | 'reset';
  /** Sends bytes; null ends the client's side. */
  send(text: string | null): void;
  /** From now on the client reads nothing, or everything again. */
  read(what: 'nothing' | 'everything'): void;
}

/** A socket that both servers take for one of TCP; bytes pass without a turn of the event loop. */
export function memoryClient(): MemoryClient {
  let text = '';
  let end: 'open' | 'ended' | 'reset' = 'open';
  let reading = true;
  let unread: (() => void) | null = null;
  const duplex = new Duplex({
    allowHalfOpen: true,
    read() {},
    write(chunk: Buffer, _encoding, done) {
      const take = (): void => {
        text += chunk.toString('latin1');
        done();
      };
      if (reading) take();
      else unread = take;
    },
    final(done) {
      end = 'ended';
      done();
    },
  });
  duplex.on('close', () => {
    if (end === 'open') end = 'ended';
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
    resetAndDestroy: () => {
      end = 'reset';
      duplex.destroy();
    },
  });
  return {
    socket: socket as unknown as Socket,
    text: () => text,
    end: () => end,
    send: (bytes) => {
      if (!duplex.destroyed) duplex.push(bytes === null ? null : Buffer.from(bytes, 'latin1'));
    },
    read: (what) => {
      reading = what === 'everything';
      if (!reading) return;
      const take = unread;
      unread = null;
      take?.();
    },
  };
}

/** Lets everything happen that follows from what was done. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 3; i += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
