import { createServer, type AddressInfo, type Server } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Bytes } from '../base/bytes.ts';
import { brandText } from '../base/brand.ts';
import { createClock } from './clock.ts';
import { chunk, CHUNKED_HEAD, FAULTS, plainAnswer } from './testing/fault-server.ts';
import { record, testRequest } from './testing/recorder.ts';
import { manualClock, OK, SILENT_LOG, startHarness, turns, write } from './testing/transport-harness.ts';
import { createTransport, type NodeTransport } from './transport.ts';

describe('an answer', () => {
  it('comes with status, headers and body', async () => {
    const { send } = await startHarness([write(plainAnswer('hello', ['X-Request-Id: 7']))]);
    expect(await send().done).toEqual({
      status: 200,
      headers: [
        ['x-request-id', '7'],
        ['content-length', '5'],
      ],
      body: 'hello',
      pieces: 1,
      end: 'end',
    });
  });

  it('is whole when it comes byte by byte', async () => {
    const { send } = await startHarness(FAULTS.dribble);
    expect(await send().done).toMatchObject({ status: 200, body: 'onetwo', end: 'end' });
  });

  it('ends with the connection where it has no length', async () => {
    const { send } = await startHarness([write('HTTP/1.1 200 OK\r\n\r\nto the end'), { type: 'end' }]);
    expect(await send().done).toMatchObject({ body: 'to the end', end: 'end' });
  });

  it('that redirects is handed on, not followed', async () => {
    const { server, send } = await startHarness([
      write('HTTP/1.1 302 x\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n'),
    ]);
    expect(await send().done).toMatchObject({ status: 302, end: 'end' });
    expect(server.requests).toHaveLength(1);
  });

  it('keeps every byte value', async () => {
    const bytes = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('');
    const { send, server } = await startHarness([write(plainAnswer(bytes))]);
    expect((await send({ body: brandText<Bytes>(bytes) }).done).body).toBe(bytes);
    expect(server.requests[0]?.body).toBe(bytes);
  });

  it('may come before a large request is sent completely; the connection is then closed', async () => {
    const early: Server = createServer((socket) => {
      onTestFinished(() => void socket.destroy());
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.pause();
        socket.write('HTTP/1.1 413 x\r\ncontent-length: 3\r\n\r\nbig');
      });
    });
    await new Promise<void>((resolve) => early.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void early.close());
    const { transport } = await startHarness([OK]);
    const url = `http://127.0.0.1:${(early.address() as AddressInfo).port}`;
    const body = brandText<Bytes>('x'.repeat(32_000_000));
    expect(await record(transport, testRequest(url, { body })).done).toMatchObject({
      status: 413,
      body: 'big',
      end: 'end',
    });
    expect(transport.counts().idle).toBe(0);
  });
});

describe('a fault', () => {
  it.each<[keyof typeof FAULTS, string, string]>([
    ['resetBeforeHead', 'reset', ''],
    ['closeBeforeHead', 'reset', ''],
    ['resetWithinHead', 'reset', ''],
    ['closeWithinHead', 'truncated', ''],
    ['resetAfterHead', 'reset', ''],
    ['halfClose', 'truncated', 'part'],
    ['lengthTooLong', 'truncated', 'five!'],
    ['truncatedChunked', 'truncated', 'short'],
    ['garbage', 'malformed', ''],
    ['otherProtocol', 'malformed', ''],
    ['badChunkSize', 'malformed', 'good'],
    ['giantHeader', 'too-large', ''],
    ['endlessHead', 'too-large', ''],
    ['manyHeaders', 'malformed', ''],
    ['lengthAndCoding', 'malformed', ''],
  ])('%s is told as %s, with what was sound before', async (name, type, body) => {
    const { server, send, transport } = await startHarness(FAULTS[name]);
    const exchange = await send().done;
    expect(exchange).toMatchObject({ body, end: { type, sent: true } });
    await server.allClosed();
    expect(server.requests).toHaveLength(1);
    expect(transport.counts()).toEqual({ open: 0, idle: 0, waiting: 0 });
  });

  it('in the length is harmless where more than announced comes: the rest is dropped with the connection', async () => {
    const { server, send } = await startHarness(FAULTS.lengthTooShort);
    expect(await send().done).toMatchObject({ body: 'five!', end: 'end' });
    await server.allClosed();
  });

  it('before anything was sent says so', async () => {
    const { server, transport } = await startHarness([OK]);
    const { url } = server;
    await server.close();
    expect((await record(transport, testRequest(url)).done).end).toMatchObject({
      type: 'connect',
      sent: false,
    });
  });

  it.each(FAULTS.headThenSilence.slice(0, 1))('after the head is not a head timeout', async (step) => {
    const { clock, fire } = manualClock();
    const { send } = await startHarness([step, { type: 'hold' }], {}, clock);
    const { head, call, exchange } = send();
    await head;
    fire(10_000);
    expect(exchange.end).toBeUndefined();
    call.abort();
  });

  it('of the head not coming in time ends the call and the connection', async () => {
    const { clock, fire } = manualClock();
    const heard = Promise.withResolvers<void>();
    const { server, send } = await startHarness(
      () => {
        heard.resolve();
        return FAULTS.noHead;
      },
      {},
      clock,
    );
    const { done } = send();
    await heard.promise;
    fire(10_000);
    expect((await done).end).toMatchObject({ type: 'head-timeout', sent: true });
    await server.allClosed();
  });

  it('of a name that never resolves ends with the connect limit', async () => {
    const { clock, fire } = manualClock();
    const transport = createTransport({ clock, log: SILENT_LOG }, { resolve: () => undefined });
    const { done } = record(transport, testRequest('http://slow.example/', { connectTimeoutMs: 700 }));
    fire(700);
    expect((await done).end).toMatchObject({ type: 'connect-timeout', sent: false });
    await transport.close();
  });

  it('of our own handler costs that call only', async () => {
    const { transport, server, send, errors } = await startHarness([OK]);
    const failed = Promise.withResolvers<string>();
    transport.send(testRequest(server.url), {
      onHead: () => {
        throw new Error('our bug');
      },
      onData: () => undefined,
      onEnd: () => failed.resolve('end'),
      onFail: ({ type }) => failed.resolve(type),
    });
    expect(await failed.promise).toBe('malformed');
    expect(errors.splice(0)).toEqual(['a handler of an answer threw']);
    expect(await send().done).toMatchObject({ end: 'end' });
  });
});

describe('abort', () => {
  it('closes the connection at once and silences the handler', async () => {
    const { server, send } = await startHarness(FAULTS.headThenSilence);
    const { call, head, exchange } = send();
    await head;
    call.abort();
    call.abort();
    await server.allClosed();
    expect(exchange.end).toBeUndefined();
  });

  it('works before the connection is made', async () => {
    const { send, transport, server } = await startHarness([OK]);
    const { call, exchange } = send();
    call.abort();
    await turns();
    expect(transport.counts().open).toBe(0);
    expect(exchange.end).toBeUndefined();
    expect(server.requests).toHaveLength(0);
  });

  it('works from within the handler', async () => {
    const { server, transport } = await startHarness([write(CHUNKED_HEAD + chunk('a') + chunk(''))]);
    const heard: string[] = [];
    const call = transport.send(testRequest(server.url), {
      onHead: () => {
        heard.push('head');
        call.abort();
      },
      onData: () => heard.push('data'),
      onEnd: () => heard.push('end'),
      onFail: () => heard.push('fail'),
    });
    await turns();
    await server.allClosed();
    expect(heard).toEqual(['head']);
  });
});

describe('back-pressure', () => {
  it('stops reading until resume, and loses nothing', async () => {
    const body = 'x'.repeat(20_000_000);
    const { send } = await startHarness([write(plainAnswer(body))]);
    const { call, head, exchange, done } = send();
    await head;
    call.pause();
    const { length } = exchange.body;
    await turns();
    expect(exchange.body.length - length).toBeLessThanOrEqual(65_536);
    expect(exchange.end).toBeUndefined();
    call.resume();
    expect((await done).body.length).toBe(body.length);
  });

  it('does not stop the next call on the same connection', async () => {
    const { server, send } = await startHarness([OK]);
    const first = send();
    await first.head;
    first.call.pause();
    await first.done;
    expect(await send().done).toMatchObject({ body: 'ok', end: 'end' });
    expect(server.connections.accepted).toBe(1);
  });
});

describe('close', () => {
  it('ends what is under way, closes everything and refuses more', async () => {
    const { server, send, transport } = await startHarness(
      ({ path }) => (path === '/held' ? FAULTS.headThenSilence : [OK]),
      {
        connectionsPerOriginMax: 2,
      },
    );
    await send().done;
    const held = [send({}, '/held'), send({}, '/held')];
    await Promise.all(held.map(({ head }) => head));
    const waiting = send();
    await transport.close();
    for (const { done } of held) expect((await done).end).toMatchObject({ type: 'reset', sent: true });
    expect((await waiting.done).end).toMatchObject({ type: 'connect', sent: false });
    expect((await send().done).end).toMatchObject({ type: 'connect', sent: false });
    expect(transport.counts()).toEqual({ open: 0, idle: 0, waiting: 0 });
    await server.allClosed();
  });

  it('is final even for a handler that sends again when it hears of the end', async () => {
    const { server, transport } = await startHarness([{ type: 'hold' }], { connectionsPerOriginMax: 1 });
    const ends: string[] = [];
    const again = (left: number): void => {
      transport.send(testRequest(server.url), {
        onHead: () => undefined,
        onData: () => undefined,
        onEnd: () => ends.push('end'),
        onFail: ({ type }) => {
          ends.push(type);
          if (left > 0) again(left - 1);
        },
      });
    };
    again(1);
    again(1);
    await turns();
    await transport.close();
    await turns();
    expect(ends.toSorted()).toEqual(['connect', 'connect', 'connect', 'reset']);
    expect(transport.counts()).toEqual({ open: 0, idle: 0, waiting: 0 });
  });

  it('resolves at once, and again, when nothing is open', async () => {
    const transport: NodeTransport = createTransport({ clock: createClock(), log: SILENT_LOG });
    await transport.close();
    await transport.close();
    expect(transport.counts().open).toBe(0);
  });
});
