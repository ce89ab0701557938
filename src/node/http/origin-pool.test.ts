import { describe, expect, it } from 'vitest';
import type { Bytes } from '../../base/bytes.ts';
import { brandText } from '../../base/brand.ts';
import { FAULTS, plainAnswer, type FaultStep } from '../testing/fault-server.ts';
import { manualClock, OK, startHarness, write } from '../testing/transport-harness.ts';

describe('the pool', () => {
  it('uses a connection again', async () => {
    const { server, send, transport } = await startHarness([OK]);
    for (let turn = 0; turn < 5; turn += 1)
      expect(await send().done).toMatchObject({ body: 'ok', end: 'end' });
    expect(server.connections.accepted).toBe(1);
    expect(transport.counts()).toEqual({ open: 1, idle: 1, waiting: 0 });
  });

  it('uses the connection that was freed last', async () => {
    const { server, send } = await startHarness((request) =>
      request.path === '/first' ? [OK] : [write(plainAnswer('x'))],
    );
    await Promise.all([send().done, send().done, send().done]);
    await send().done;
    const { connection } = server.requests[3]!;
    await send().done;
    expect(server.requests[4]!.connection).toBe(connection);
    expect(server.connections.accepted).toBe(3);
  });

  it('never has two calls on one connection', async () => {
    const { server, send } = await startHarness([FAULTS.headThenSilence[0], { type: 'hold' }]);
    const calls = [send(), send(), send()];
    await Promise.all(calls.map(({ head }) => head));
    expect(new Set(server.requests.map(({ connection }) => connection)).size).toBe(3);
    for (const { call } of calls) call.abort();
    await server.allClosed();
  });

  it('lets calls wait beyond its limit and refuses beyond the queue', async () => {
    const { server, send } = await startHarness(
      (request) => (request.path === '/held' ? FAULTS.headThenSilence : [OK]),
      {
        connectionsPerOriginMax: 1,
        waitingPerOriginMax: 2,
      },
    );
    const held = send({}, '/held');
    await held.head;
    const waiting = [send({}, '/a'), send({}, '/b')];
    expect((await send({}, '/c').done).end).toMatchObject({ type: 'connect', sent: false });
    held.call.abort();
    for (const { done } of waiting) expect(await done).toMatchObject({ end: 'end' });
    expect(server.requests.map(({ path }) => path)).toEqual(['/held', '/a', '/b']);
  });

  it('forgets a waiting call that is aborted or times out', async () => {
    const { clock, fire } = manualClock();
    const { server, send, transport } = await startHarness(
      (request) => (request.path === '/held' ? FAULTS.headThenSilence : [OK]),
      { connectionsPerOriginMax: 1 },
      clock,
    );
    const held = send({}, '/held');
    await held.head;
    const aborted = send({}, '/aborted');
    aborted.call.abort();
    const late = send({ connectTimeoutMs: 123 }, '/late');
    fire(123);
    expect((await late.done).end).toMatchObject({ type: 'connect-timeout', sent: false });
    expect(transport.counts().waiting).toBe(0);
    held.call.abort();
    await server.allClosed();
    expect(server.requests).toHaveLength(1);
    expect(aborted.exchange.end).toBeUndefined();
  });

  it.each<[name: string, ending: FaultStep]>([
    ['reset', { type: 'reset' }],
    ['closed', { type: 'end' }],
  ])('sends again, once, when a kept connection turns out to be %s', async (_name, ending) => {
    const { server, send } = await startHarness(({ sequence }) => (sequence === 0 ? [OK] : [ending]));
    await send().done;
    expect(await send({ body: brandText<Bytes>('again') }).done).toMatchObject({ body: 'ok', end: 'end' });
    expect(server.requests.map(({ connection, body }) => [connection, body])).toEqual([
      [0, '{}'],
      [0, 'again'],
      [1, 'again'],
    ]);
  });

  it('does not send again when the fresh connection fails too', async () => {
    const { server, send } = await startHarness(({ connection, sequence }) =>
      connection === 0 && sequence === 0 ? [OK] : [{ type: 'reset' }],
    );
    await send().done;
    expect((await send().done).end).toMatchObject({ type: 'reset', sent: true });
    expect(server.requests).toHaveLength(3);
  });

  it('does not send again once a byte of the answer came', async () => {
    const { server, send } = await startHarness(({ sequence }) =>
      sequence === 0 ? [OK] : [write('H'), { type: 'reset' }],
    );
    await send().done;
    expect((await send().done).end).toMatchObject({ type: 'reset', sent: true });
    expect(server.requests).toHaveLength(2);
  });

  it('does not keep a connection on which the server says more than it was asked', async () => {
    const { server, send } = await startHarness([write(`${plainAnswer('ok')}HTTP/1.1 200 OK\r\n`)]);
    await send().done;
    await server.allClosed();
    await send().done;
    expect(server.connections.accepted).toBe(2);
  });

  it('notices that the server closed a kept connection', async () => {
    const { server, send, transport } = await startHarness([OK, { type: 'end' }]);
    await send().done;
    await server.allClosed();
    expect(transport.counts().open).toBe(0);
  });

  it('closes unused connections after the limit', async () => {
    const { clock, fire, timers } = manualClock();
    const { server, send } = await startHarness([OK], { idleMs: 5000 }, clock);
    await send().done;
    fire(5000);
    await server.allClosed();
    expect(timers.size).toBe(0);
  });

  it('closes them earlier where the server announces less', async () => {
    const { clock, fire } = manualClock();
    const { server, send } = await startHarness(
      [write(plainAnswer('ok', ['keep-alive: timeout=3']))],
      {},
      clock,
    );
    await send().done;
    fire(2000);
    await server.allClosed();
    expect(server.connections.accepted).toBe(1);
  });

  it('keeps none where the server announces nearly nothing', async () => {
    const { server, send, transport } = await startHarness([
      write(plainAnswer('ok', ['keep-alive: timeout=1'])),
    ]);
    await send().done;
    await server.allClosed();
    expect(transport.counts().open).toBe(0);
  });

  it('does not hand a connection made with the permission for private addresses to a call without', async () => {
    const { server, send } = await startHarness([OK]);
    await send().done;
    expect((await send({ allowPrivate: false }).done).end).toMatchObject({
      type: 'blocked-address',
      sent: false,
    });
    expect(server.requests).toHaveLength(1);
  });
});
