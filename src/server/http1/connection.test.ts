import { beforeEach, describe, expect, it } from 'vitest';
import { brandText } from '../../base/brand.ts';
import type { Bytes } from '../../base/bytes.ts';
import { ERROR_KINDS } from '../../spec/error.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import type { ServerRequest } from '../request.ts';
import { Http1Server } from './server.ts';
import { memoryClient, settled, type MemoryClient } from './testing/memory-socket.ts';

const LIMITS = { bodyBytesMax: 100_000, headTimeoutMs: 10_000, bodyTimeoutMs: 60_000, keepAliveMs: 65_000 };

let clock: VirtualClock;
let server: Http1Server;
let client: MemoryClient;
/** Requests that reached the router and are not answered unless a test does. */
let asked: ServerRequest[];
let refused: { readonly path: string; readonly status: number }[];

beforeEach(() => {
  clock = new VirtualClock();
  asked = [];
  refused = [];
  const router = {
    route: (request: ServerRequest) => void asked.push(request),
    refuse: (request: ServerRequest, error: { readonly kind: keyof typeof ERROR_KINDS }) => {
      const { status } = ERROR_KINDS[error.kind];
      refused.push({ path: request.path, status });
      request.sink.answer(status, [], bytes('refused'));
    },
  };
  server = new Http1Server({ limits: LIMITS, router, clock });
  client = newClient();
});

function newClient(): MemoryClient {
  const fresh = memoryClient();
  server.accept(fresh.socket);
  return fresh;
}

function bytes(text: string): Bytes {
  return brandText<Bytes>(text);
}

function get(path: string, ...headers: string[]): string {
  return [`GET ${path} HTTP/1.1`, 'host: x', ...headers, '', ''].join('\r\n');
}

function post(path: string, body: string, ...headers: string[]): string {
  return [`POST ${path} HTTP/1.1`, 'host: x', `content-length: ${body.length}`, ...headers, '', body].join(
    '\r\n',
  );
}

function answer(index: number, body: string): void {
  asked[index]!.sink.answer(200, [], bytes(body));
}

describe('one request after another', () => {
  it('answers a request with its length, the date and how long the connection lives', async () => {
    client.send(post('/a?b=c', 'body', 'x-y: z'));
    await settled();
    expect(asked[0]).toMatchObject({
      method: 'POST',
      path: '/a',
      query: 'b=c',
      body: 'body',
      address: '127.0.0.1',
    });
    expect(asked[0]!.header('x-y')).toBe('z');
    asked[0]!.sink.answer(200, ['x-a', 'b'], bytes('{}'));
    await settled();
    const date = new Date(clock.nowMs()).toUTCString();
    expect(client.text()).toBe(
      `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nx-a: b\r\ndate: ${date}\r\n` +
        'connection: keep-alive\r\nkeep-alive: timeout=65\r\n\r\n{}',
    );
  });

  it('serves requests that were sent ahead one at a time and answers them in order', async () => {
    client.send(get('/1') + post('/2', 'x') + get('/3'));
    await settled();
    expect(asked.map(({ path }) => path)).toEqual(['/1']);
    answer(0, 'one');
    expect(asked.map(({ path }) => path)).toEqual(['/1', '/2']);
    answer(1, 'two');
    answer(2, 'three');
    await settled();
    expect([...client.text().matchAll(/\r\n\r\n([a-z]+)/g)].map((match) => match[1])).toEqual([
      'one',
      'two',
      'three',
    ]);
  });

  it('takes thousands of answers that are there at once without growing the stack', async () => {
    server = new Http1Server({
      limits: LIMITS,
      clock,
      router: { route: ({ sink }) => sink.answer(204, [], bytes('')), refuse: () => {} },
    });
    client = newClient();
    client.send(get('/').repeat(20_000));
    await settled();
    expect(client.text().match(/HTTP\/1\.1 204/g)).toHaveLength(20_000);
  });

  it('lets nobody write into the answer of another request', async () => {
    client.send(get('/1') + get('/2'));
    await settled();
    const late = asked[0]!.sink;
    answer(0, 'one');
    late.answer(200, [], bytes('again'));
    late.open([]);
    late.write(bytes('more'));
    late.end([]);
    late.cut();
    answer(1, 'two');
    await settled();
    expect(client.text().match(/HTTP\/1\.1/g)).toHaveLength(2);
    expect(client.text()).not.toMatch(/again|more/);
    expect(client.end()).toBe('open');
  });

  it('ignores an offer to switch protocols', async () => {
    client.send(get('/1', 'connection: upgrade', 'upgrade: websocket') + get('/2'));
    await settled();
    answer(0, 'one');
    expect(asked.map(({ path }) => path)).toEqual(['/1', '/2']);
  });

  it('sends no body to HEAD, but says how long it would be', async () => {
    client.send('HEAD / HTTP/1.1\r\nhost: x\r\n\r\n');
    await settled();
    answer(0, 'hello');
    await settled();
    expect(client.text()).toContain('content-length: 5\r\n');
    expect(client.text()).toMatch(/\r\n\r\n$/);
  });

  it.each([
    ['a client that asks for it', get('/', 'connection: close')],
    ['a client that lists it among others', get('/', 'connection: x, close')],
    ['a client of HTTP/1.0', 'GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n'],
  ])('closes after its answer to %s', async (_who, request) => {
    client.send(request + get('/never'));
    await settled();
    answer(0, 'hello');
    await settled();
    expect(client.text()).toContain('connection: close\r\n');
    expect(client.text()).toMatch(/hello$/);
    expect(client.end()).toBe('ended');
    expect(asked).toHaveLength(1);
  });

  it('refuses headers that would end their line, and can still answer', async () => {
    client.send(get('/'));
    await settled();
    const { sink } = asked[0]!;
    for (const headers of [
      ['x-a', 'b\r\nx-c: d'],
      ['x-a', 'b\n'],
      ['x-a', '\u0000'],
      ['x-a', '\u010a'],
      ['x-a: b\r\nx-c', 'd'],
      ['', 'd'],
      ['content-length', '3'],
      ['Transfer-Encoding', 'chunked'],
      ['connection', 'close'],
    ]) {
      expect(() => sink.answer(200, headers, bytes('x'))).toThrow(/header/);
      expect(() => sink.open(headers)).toThrow(/header/);
    }
    sink.answer(500, ['x-a', 'b\tc \u00e9'], bytes('sound'));
    await settled();
    expect(client.text()).toMatch(
      /^HTTP\/1\.1 500 Internal Server Error\r\n[^]*x-a: b\tc \u00e9\r\n[^]*sound$/,
    );
  });
});

describe('bodies', () => {
  it('asks a client that waits to send its body, once', async () => {
    client.send('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\nexpect: 100-continue\r\n\r\n');
    await settled();
    expect(client.text()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    client.send('bo');
    client.send('dy');
    await settled();
    expect(asked[0]!.body).toBe('body');
    expect(client.text()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  });

  it('asks for no body that is here already, and for none that is too long', async () => {
    client.send(post('/', 'body', 'expect: 100-continue'));
    await settled();
    expect(client.text()).toBe('');
    const other = newClient();
    other.send('POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 100001\r\nexpect: 100-continue\r\n\r\n');
    await settled();
    expect(other.text()).toMatch(/^HTTP\/1\.1 413 /);
    expect(refused).toEqual([{ path: '/x', status: 413 }]);
  });

  it('refuses a body that grows too long in its path, and reads on for a while so that the answer arrives', async () => {
    const chunk = `${(60_000).toString(16)}\r\n${'x'.repeat(60_000)}\r\n`;
    client.send(`POST /x HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${chunk}`);
    client.send(chunk);
    client.send(get('/smuggled'));
    await settled();
    expect(refused).toEqual([{ path: '/x', status: 413 }]);
    expect(client.text()).toMatch(/connection: close\r\n[^]*refused$/);
    expect(client.socket.destroyed).toBe(false);
    await clock.advance(5_500);
    expect(client.socket.destroyed).toBe(true);
    expect(asked).toEqual([]);
  });

  it('does not serve what follows a request that it could not read', async () => {
    client.send(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 3\r\n\r\nabc${get('/')}`);
    client.send(get('/'));
    await settled();
    expect(client.text().match(/HTTP\/1\.1 400/g)).toHaveLength(1);
    expect(JSON.parse(client.text().split('\r\n\r\n')[1]!)).toMatchObject({
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message: expect.stringContaining('more than one content-length'),
      },
    });
    expect(asked).toEqual([]);
  });
});

describe('streams', () => {
  it('frames each piece, sends the head with the first and trailers at the end', async () => {
    client.send(get('/') + get('/next'));
    await settled();
    const { sink } = asked[0]!;
    sink.open(['x-a', 'b']);
    expect(sink.write(bytes('data: 1\n\n'))).toBe(true);
    sink.write(bytes('x'.repeat(300)));
    sink.write(bytes(''));
    sink.end(['x-cost', '1']);
    await settled();
    expect(client.text()).toMatch(
      /^HTTP\/1\.1 200 OK\r\ncontent-type: text\/event-stream[^]*transfer-encoding: chunked\r\nx-a: b\r\n[^]*connection: keep-alive/,
    );
    expect(client.text()).toContain(
      `\r\n\r\n9\r\ndata: 1\n\n\r\n12c\r\n${'x'.repeat(300)}\r\n0\r\nx-cost: 1\r\n\r\n`,
    );
    expect(asked).toHaveLength(2);
  });

  it('sends the head of a stream that has nothing to say yet', async () => {
    client.send(get('/'));
    await settled();
    asked[0]!.sink.open([]);
    await settled();
    expect(client.text()).toMatch(/\r\n\r\n$/);
  });

  it('ends a stream that is cut without its last chunk', async () => {
    client.send(get('/') + get('/next'));
    await settled();
    asked[0]!.sink.open([]);
    asked[0]!.sink.write(bytes('part'));
    asked[0]!.sink.cut();
    await settled();
    expect(client.text()).toMatch(/4\r\npart\r\n$/);
    expect(client.end()).toBe('ended');
    expect(asked).toHaveLength(1);
  });

  it('cuts a stream whose handler failed and wants to answer anew', async () => {
    client.send(get('/'));
    await settled();
    asked[0]!.sink.open([]);
    asked[0]!.sink.answer(500, [], bytes('failed'));
    await settled();
    expect(client.text()).not.toContain('failed');
    expect(client.end()).toBe('ended');
  });

  it('streams to HTTP/1.0 without chunks up to the end of the connection, and resets one that is cut', async () => {
    client.send('GET / HTTP/1.0\r\n\r\n');
    await settled();
    asked[0]!.sink.open([]);
    asked[0]!.sink.write(bytes('whole'));
    asked[0]!.sink.end(['x-cost', '1']);
    await settled();
    expect(client.text()).not.toContain('chunked');
    expect(client.text()).toMatch(/connection: close\r\n\r\nwhole$/);
    expect(client.end()).toBe('ended');
    const other = newClient();
    other.send('GET / HTTP/1.0\r\n\r\n');
    await settled();
    asked[1]!.sink.open([]);
    asked[1]!.sink.write(bytes('part'));
    asked[1]!.sink.cut();
    await settled();
    expect(other.text()).toMatch(/part$/);
    expect(other.end()).toBe('reset');
  });

  it('asks to wait while the client does not read, and says when to go on', async () => {
    client.send(get('/'));
    await settled();
    const { sink } = asked[0]!;
    let drained = 0;
    sink.open([]);
    client.read('nothing');
    const piece = bytes('x'.repeat(10_000));
    let pieces = 0;
    while (sink.write(piece)) pieces += 1;
    expect(pieces).toBeLessThan(20);
    expect(sink.blocked).toBe(true);
    sink.onDrain(() => {
      drained += 1;
    });
    await settled();
    expect(drained).toBe(0);
    client.read('everything');
    await settled();
    expect(drained).toBe(1);
    expect(sink.blocked).toBe(false);
    expect(sink.write(piece)).toBe(true);
  });
});

describe('clients that leave', () => {
  it.each<[how: string, leave: () => void]>([
    ['ends its side', () => client.send(null)],
    ['is cut off', () => client.socket.destroy()],
    ['is reset', () => client.socket.destroy(new Error('ECONNRESET'))],
  ])('tells the request under way that its client %s', async (_how, leave) => {
    client.send(get('/'));
    await settled();
    const { sink } = asked[0]!;
    let left = 0;
    sink.onClose(() => {
      left += 1;
    });
    leave();
    await settled();
    expect(left).toBe(1);
    expect(sink.closed).toBe(true);
    sink.answer(200, [], bytes('late'));
    sink.cut();
    await settled();
    expect(client.text()).toBe('');
    expect(client.end()).toBe('ended');
  });

  it('notices it behind requests that were sent ahead', async () => {
    client.send(get('/'));
    client.send(get('/').repeat(500));
    await settled();
    let left = 0;
    asked[0]!.sink.onClose(() => {
      left += 1;
    });
    client.send(null);
    await settled();
    expect(left).toBe(1);
    expect(asked).toHaveLength(1);
  });

  it('says nothing to a request that was answered', async () => {
    client.send(get('/'));
    await settled();
    let left = 0;
    asked[0]!.sink.onClose(() => {
      left += 1;
    });
    answer(0, 'hello');
    client.send(null);
    await settled();
    expect(left).toBe(0);
    expect(client.end()).toBe('ended');
  });

  it('refuses a request that ends in its middle', async () => {
    client.send('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc');
    client.send(null);
    await settled();
    expect(client.text()).toMatch(/^HTTP\/1\.1 400 /);
    expect(asked).toEqual([]);
  });
});

describe('bounds', () => {
  it('reads no more than a little ahead of the answer under way', async () => {
    client.send(get('/'));
    await settled();
    const ahead = get('/').repeat(100);
    for (let sent = 0; sent < 100_000; sent += ahead.length) client.send(ahead);
    await settled();
    expect(client.socket.isPaused()).toBe(true);
    for (let index = 0; index < asked.length; index += 1) {
      answer(index, '');
      if (index === asked.length - 1) await settled();
    }
    expect(client.socket.isPaused()).toBe(false);
    expect(asked.length).toBeGreaterThan(1_000);
  });

  it('serves no further request to a client that does not read its answers', async () => {
    client.read('nothing');
    client.send(get('/').repeat(1_000));
    await settled();
    for (let index = 0; index < asked.length; index += 1) answer(index, 'x'.repeat(10_000));
    await settled();
    expect(asked.length).toBeLessThan(20);
    client.read('everything');
    await settled();
    for (let index = 0; index < asked.length; index += 1) {
      answer(index, 'x');
      if (index % 100 === 99) await settled();
    }
    expect(asked).toHaveLength(1_000);
  });

  it('gives up on a client that does not read a whole answer', async () => {
    client.read('nothing');
    client.send(get('/'));
    await settled();
    answer(0, 'x'.repeat(100_000));
    await clock.advance(299_000);
    expect(client.socket.destroyed).toBe(false);
    await clock.advance(2_000);
    expect(client.socket.destroyed).toBe(true);
  });

  it('answers 408 to a head that dribbles in', async () => {
    client.send('GET / HTTP/1.1\r\n');
    await settled();
    for (let second = 0; second < 9; second += 1) {
      await clock.advance(1_000);
      client.send('x');
    }
    await settled();
    expect(client.text()).toBe('');
    await clock.advance(2_000);
    await settled();
    expect(client.text()).toMatch(/^HTTP\/1\.1 408 /);
    expect(client.end()).toBe('ended');
  });

  it('answers 408 in the envelope of its path to a body that dribbles in', async () => {
    client.send('POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n');
    await settled();
    for (let second = 0; second < 59; second += 1) {
      await clock.advance(1_000);
      client.send('x');
    }
    expect(refused).toEqual([]);
    await clock.advance(2_000);
    await settled();
    expect(refused).toEqual([{ path: '/x', status: 408 }]);
    expect(client.end()).toBe('ended');
  });

  it('closes a connection that never says anything, and an idle one after the announced time, without a word', async () => {
    const idle = newClient();
    idle.send(get('/'));
    await settled();
    answer(0, 'hello');
    await settled();
    const before = idle.text();
    await clock.advance(11_000);
    await settled();
    expect([client.end(), client.text()]).toEqual(['ended', '']);
    await clock.advance(54_000);
    await settled();
    expect(idle.end()).toBe('open');
    await clock.advance(2_000);
    await settled();
    expect([idle.end(), idle.text()]).toEqual(['ended', before]);
  });

  it('gives an answer under way all the time that it needs', async () => {
    client.send(get('/'));
    await settled();
    await clock.advance(400_000);
    answer(0, 'at last');
    await settled();
    expect(client.text()).toMatch(/at last$/);
    expect(client.end()).toBe('open');
  });

  it('sets one timer for all connections, and none where there are none', async () => {
    const others = [newClient(), newClient(), newClient()];
    expect(clock.timers).toBe(1);
    for (const each of [client, ...others]) each.socket.destroy();
    await settled();
    await clock.advance(1_000);
    expect(clock.timers).toBe(0);
    newClient();
    expect(clock.timers).toBe(1);
  });
});

describe('closing', () => {
  it('closes idle connections at once, new ones that say nothing soon, and others after their answer', async () => {
    const idle = newClient();
    idle.send(get('/idle'));
    await settled();
    answer(0, 'hello');
    const busy = newClient();
    const streaming = newClient();
    const arriving = newClient();
    busy.send(get('/busy'));
    streaming.send(get('/streaming'));
    arriving.send('POST /arriving HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n');
    await settled();
    asked[2]!.sink.open([]);
    await settled();
    server.drain();
    await settled();
    expect([idle, client, busy, streaming, arriving].map((each) => each.end())).toEqual([
      'ended',
      'open',
      'open',
      'open',
      'open',
    ]);
    arriving.send('ok');
    answer(1, 'hello');
    answer(3, 'hello');
    asked[2]!.sink.write(bytes('piece'));
    asked[2]!.sink.end([]);
    await settled();
    expect([busy, streaming, arriving].map((each) => each.end())).toEqual(['ended', 'ended', 'ended']);
    expect(busy.text()).toContain('connection: close\r\n');
    expect(arriving.text()).toContain('connection: close\r\n');
    expect(streaming.text()).toMatch(/5\r\npiece\r\n0\r\n\r\n$/);
    await clock.advance(1_500);
    await settled();
    expect([client.end(), client.text()]).toEqual(['ended', '']);
  });
});
