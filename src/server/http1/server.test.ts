import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { brandText } from '../../base/brand.ts';
import type { Bytes } from '../../base/bytes.ts';
import { createClock } from '../../node/clock.ts';
import { SILENT_LOG } from '../../node/testing/transport-harness.ts';
import { startHttp, type ListeningServer } from '../http.ts';
import type { ServerRequest } from '../request.ts';

// Over TCP: what only a kernel and its buffers can show. What each connection does is told in connection.test.ts.

const REQUEST = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';

let server: ListeningServer | null = null;
const sockets: Socket[] = [];
let warnings: string[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server?.close(0);
  server = null;
  warnings = [];
});

async function start(
  route: (request: ServerRequest) => void,
  connectionsMax = 10_000,
): Promise<ListeningServer> {
  server = await startHttp({
    config: {
      http: 'fast',
      host: '127.0.0.1',
      port: 0,
      bodyBytesMax: 10_000_000,
      headTimeoutMs: 10_000,
      bodyTimeoutMs: 60_000,
      keepAliveMs: 65_000,
      connectionsMax,
      drainDelayMs: null,
      drainMs: 300_000,
    },
    clock: createClock(),
    log: { ...SILENT_LOG, warn: (message) => void warnings.push(message) },
    router: { route, refuse: ({ sink }) => sink.answer(400, [], text('refused')) },
  });
  return server;
}

function text(value: string): Bytes {
  return brandText<Bytes>(value);
}

/** A client that has connected, with all that it hears. */
interface Client {
  readonly socket: Socket;
  readonly heard: () => string;
  readonly closed: Promise<void>;
  /** Waits until the end of what was heard looks like this. */
  readonly hears: (pattern: RegExp) => Promise<void>;
}

function client(port: number): Promise<Client> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    const pieces: string[] = [];
    let tail = '';
    let check = (): void => {};
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      pieces.push(chunk.toString('latin1'));
      tail = (tail + pieces.at(-1)).slice(-4096);
      check();
    });
    const closed = new Promise<void>((done) => {
      socket.on('close', () => done());
    });
    const hears = (pattern: RegExp): Promise<void> =>
      new Promise((done) => {
        check = () => {
          if (pattern.test(tail)) done();
        };
        check();
      });
    socket.on('connect', () => resolve({ socket, heard: () => pieces.join(''), closed, hears }));
  });
}

describe('our server over TCP', () => {
  it('carries a thousand streams at once', async () => {
    const open: ServerRequest[] = [];
    const { port } = await start((request) => {
      request.sink.open([]);
      request.sink.write(text(`data: ${open.length}\n\n`));
      open.push(request);
    });
    const clients = await Promise.all(Array.from({ length: 1_000 }, () => client(port)));
    for (const { socket } of clients) socket.write(REQUEST);
    await Promise.all(clients.map(({ hears }) => hears(/data: \d+\n\n/)));
    expect(open).toHaveLength(1_000);
    for (let round = 0; round < 5; round += 1)
      for (const { sink } of open) sink.write(text(`data: round ${round}\n\n`));
    for (const { sink } of open) sink.end([]);
    await Promise.all(clients.map(({ hears }) => hears(/0\r\n\r\n$/)));
    for (const { heard } of clients) expect(heard().match(/data: round/g)).toHaveLength(5);
    // Each connection lives on.
    clients[0]!.socket.write(REQUEST);
    await clients[0]!.hears(/0\r\n\r\nHTTP\/1\.1 200 OK/);
  });

  it('keeps no more than a bound for a client that reads slowly, and delivers everything', async () => {
    let sink: ServerRequest['sink'] | null = null;
    const { port } = await start((request) => {
      ({ sink } = request);
      sink.open([]);
    });
    const slow = await client(port);
    slow.socket.write(REQUEST);
    await slow.hears(/\r\n\r\n/);
    slow.socket.pause();
    const piece = text('x'.repeat(65_536));
    let sent = 0;
    const pieces = 200;
    let waits = 0;
    await new Promise<void>((done) => {
      const pump = (): void => {
        while (sent < pieces) {
          sent += 1;
          if (sink!.write(piece)) continue;
          waits += 1;
          sink!.onDrain(pump);
          // It reads on only when the server had to wait for it.
          slow.socket.resume();
          return;
        }
        sink!.end([]);
        done();
      };
      pump();
    });
    await slow.hears(/0\r\n\r\n$/);
    expect(waits).toBeGreaterThan(0);
    expect(slow.heard().match(/x/g)!.length).toBeGreaterThanOrEqual(pieces * 65_536);
  });

  it('takes a body of several megabytes', async () => {
    const { port } = await start(({ body, sink }) => sink.answer(200, [], text(String(body.length))));
    const { socket, hears, heard } = await client(port);
    socket.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5000000\r\n\r\n${'x'.repeat(5_000_000)}`);
    await hears(/\r\n\r\n\d+$/);
    expect(heard()).toMatch(/5000000$/);
  });

  it('lets a refused client finish sending and read why', async () => {
    const { port } = await start(() => {});
    const { socket, hears, heard } = await client(port);
    socket.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 20000000\r\n\r\n`);
    socket.write('x'.repeat(8_000_000));
    await hears(/refused$/);
    expect(heard()).toMatch(/^HTTP\/1\.1 400 /);
  });

  it.each<[how: string, leave: (socket: Socket) => void]>([
    ['closes', (socket) => socket.end()],
    ['is reset', (socket) => socket.resetAndDestroy()],
  ])('hears at once that a client which waits for its answer %s', async (_how, leave) => {
    let asked: (request: ServerRequest) => void = () => {};
    const request = new Promise<ServerRequest>((resolve) => {
      asked = resolve;
    });
    const { port } = await start((each) => asked(each));
    const { socket } = await client(port);
    socket.write(REQUEST);
    const { sink } = await request;
    const left = new Promise<void>((resolve) => {
      sink.onClose(resolve);
    });
    leave(socket);
    await left;
    expect(sink.closed).toBe(true);
  });

  it('takes no more connections than it may, and says so once', async () => {
    const { port } = await start(({ sink }) => sink.answer(200, [], text('ok')), 2);
    const [first, second] = [await client(port), await client(port)];
    const third = await client(port).catch(() => null);
    third?.socket.write(REQUEST);
    await third?.closed;
    expect(third?.heard() ?? '').toBe('');
    await client(port).then(
      ({ closed }) => closed,
      () => undefined,
    );
    expect(warnings).toEqual(['connections are turned away: server.max_connections is reached']);
    for (const each of [first, second]) {
      each.socket.write(REQUEST);
      await each.hears(/ok$/);
    }
  });

  it('lets answers under way finish when it closes, and cuts what takes longer than the grace', async () => {
    const open: ServerRequest[] = [];
    let all: () => void = () => {};
    const both = new Promise<void>((resolve) => {
      all = resolve;
    });
    const listening = await start((request) => {
      open.push(request);
      if (open.length === 2) all();
    });
    const [idle, quick, endless] = [
      await client(listening.port),
      await client(listening.port),
      await client(listening.port),
    ];
    quick.socket.write(REQUEST);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    endless.socket.write(REQUEST);
    await both;
    const closing = listening.close(300);
    open[0]!.sink.answer(200, [], text('in time'));
    await quick.closed;
    expect([quick.heard(), endless.heard()].toSorted().at(1)).toMatch(/connection: close\r\n\r\nin time$/);
    await closing;
    await idle.closed;
    await endless.closed;
    await expect(client(listening.port)).rejects.toThrow(/ECONNREFUSED/);
  });
});
