import { EMPTY_BYTES } from '../base/bytes.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { sampleAttempt, sampleFailure, sampleFinished } from '../events/testing/sample-events.ts';
import { OPENAI_CHAT } from '../protocols/openai-chat/id.ts';
import type { DrillOrder, DrillStart } from '../spec/drill.ts';
import type { GatewayEvent, RequestFinished } from '../spec/event.ts';
import type { Transport } from '../spec/ports.ts';
import type { WireCall, WireHandler, WireRequest } from '../spec/wire.ts';
import { virtualRuntime } from '../testing/virtual-runtime.ts';
import { DrillDesk, DRILLS_MAX } from './drill-desk.ts';
import { DrillTransport } from './drill-transport.ts';

const CALL: WireCall = { pause: () => {}, resume: () => {}, abort: () => {} };
const DEAF: WireHandler = { onHead: () => {}, onData: () => {}, onEnd: () => {}, onFail: () => {} };

function setUp() {
  const { runtime, clock, lines } = virtualRuntime({ seed: 5 });
  const reached: WireRequest[] = [];
  const inner: Transport = {
    send: (request) => {
      reached.push(request);
      return CALL;
    },
    close: async () => {},
  };
  const transport = new DrillTransport(inner);
  const published: GatewayEvent[] = [];
  const listeners = new Set<(event: GatewayEvent) => void>();
  const desk = new DrillDesk({
    clock,
    random: runtime.random,
    log: runtime.log,
    transport,
    publish: (event) => void published.push(event),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    providers: () =>
      ['one', 'two'].map((name) => ({ name, baseUrl: `https://${name}.test/v1`, protocolId: OPENAI_CHAT })),
    providersOf: (model) => (model === 'alone' ? ['one'] : ['one', 'two']),
  });
  const tell = (event: GatewayEvent): GatewayEvent => {
    const marked = desk.marked(event);
    for (const listener of listeners) listener(marked);
    return marked;
  };
  const call = (changes: Partial<WireRequest> = {}): WireCall =>
    transport.send({ ...REQUEST, ...changes }, DEAF);
  return { desk, clock, lines, reached, transport, published, listeners, tell, call };
}

const REQUEST: WireRequest = {
  method: 'POST',
  url: 'https://one.test/v1/chat/completions',
  headers: [],
  body: EMPTY_BYTES,
  connectTimeoutMs: 1_000,
  headTimeoutMs: 1_000,
  provider: 'one',
  requestId: 'req-1',
};

const ORDER: DrillOrder = { provider: 'one', fault: 'down', share: 1, seconds: 60, startedBy: 'ops' };

function id(start: DrillStart): string {
  if (start.type === 'refused') throw new Error(start.message);
  return start.drill.id;
}

let world = setUp();
beforeEach(() => {
  world = setUp();
});

// A request that met the fault at `one` at this moment, and went on to be answered by `two`.
function savedAt(nowMs: number): RequestFinished {
  const failed = sampleFailure({ provider: 'one', target: 'one/a', startedAtMs: nowMs, durationMs: 1 });
  const answered = sampleAttempt({ number: 2, provider: 'two', target: 'two/b', startedAtMs: nowMs + 20 });
  return sampleFinished({ startedAtMs: nowMs, attempts: [failed, answered], target: 'two/b', model: 'both' });
}

describe('without a drill', () => {
  it('calls are the very calls of the transport behind, and events are the very events', () => {
    expect(world.call()).toBe(CALL);
    const event = savedAt(0);
    expect(world.desk.marked(event)).toBe(event);
    expect(world.listeners.size).toBe(0);
  });
});

describe('a drill', () => {
  it('is told loudly when it begins and when it is over, and is over by itself', async () => {
    const start = world.desk.start(ORDER);
    await world.clock.advance(59_999);
    expect(world.desk.get(id(start))).toMatchObject({ endedAtMs: null, ending: null });
    await world.clock.advance(1);
    expect(world.desk.get(id(start))).toMatchObject({ ending: 'time' });
    expect(world.lines.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'DRILL: all calls to one get the fault "down" for 60 s.'],
      ['warn', expect.stringMatching(/^DRILL over \(time\): one gets no faults any more\. No request came/)],
    ]);
    expect(world.published).toMatchObject([
      { type: 'drill-started', provider: 'one', fault: 'down', startedBy: 'ops' },
      { type: 'drill-ended', provider: 'one', ending: 'time', met: 0, lost: 0 },
    ]);
    expect(world.call()).toBe(CALL);
    expect([world.listeners.size, world.clock.timers]).toEqual([0, 0]);
  });

  it('keeps calls from its provider and leaves the others alone', () => {
    world.desk.start(ORDER);
    world.call();
    world.call({ provider: 'two', url: 'https://two.test/v1/chat/completions', requestId: 'req-2' });
    expect(world.reached.map(({ provider }) => provider)).toEqual(['two']);
  });

  it('knows calls that do not say whose they are by their address', () => {
    world.desk.start(ORDER);
    const { provider: _, requestId: __, ...bare } = REQUEST;
    world.transport.send(bare, DEAF);
    world.transport.send({ ...bare, url: 'https://two.test/v1/models' }, DEAF);
    expect(world.reached.map(({ url }) => url)).toEqual(['https://two.test/v1/models']);
    expect(world.desk.list()[0]?.report).toMatchObject({ providerCalls: 1, brokenCalls: 1, underWay: 0 });
  });

  it('meets its share of the calls', () => {
    world.desk.start({ ...ORDER, share: 0.25 });
    for (let i = 0; i < 2_000; i += 1) world.call({ requestId: `req-${i}` });
    const report = world.desk.list()[0]?.report;
    expect(report?.providerCalls).toBe(2_000);
    expect(report?.brokenCalls).toBeGreaterThan(430);
    expect(report?.brokenCalls).toBeLessThan(570);
    expect(world.reached).toHaveLength(2_000 - (report?.brokenCalls ?? 0));
  });

  it('marks the attempt that met it in what logs hear, and no other', () => {
    world.desk.start(ORDER);
    world.call();
    const told = world.tell(savedAt(world.clock.nowMs()));
    const outcomes = told.type === 'request-finished' ? told.attempts.map(({ outcome }) => outcome) : [];
    expect(outcomes).toMatchObject([
      { message: 'drill: down: The provider answered 503.' },
      { type: 'answered' },
    ]);
  });

  it('leaves a failure before it as it was told', async () => {
    const atMs = world.clock.nowMs();
    await world.clock.advance(5_000);
    world.desk.start(ORDER);
    world.call();
    const told = world.tell(savedAt(atMs));
    expect(
      JSON.stringify(told, (_, value: unknown) => (typeof value === 'bigint' ? '' : value)),
    ).not.toContain('drill');
  });

  it('adds up what became of the requests that met it', () => {
    world.desk.start(ORDER);
    const nowMs = world.clock.nowMs();
    const failed = {
      status: 502,
      error: { kind: 'upstream_unavailable', message: '' },
      target: null,
    } as const;
    const ends: readonly RequestFinished[] = [
      savedAt(nowMs),
      { ...savedAt(nowMs), ...failed },
      { ...savedAt(nowMs), ...failed, model: 'alone' },
      { ...savedAt(nowMs), ...failed, status: 499, error: { kind: 'client_closed', message: '' } },
      { ...savedAt(nowMs), target: 'one/a' },
    ];
    for (const [index, end] of ends.entries()) {
      const requestId = `req-${index}`;
      world.call({ requestId });
      world.tell({ ...end, requestId });
    }
    world.tell(sampleFinished({ requestId: 'besides' }));
    world.tell(sampleFinished({ requestId: 'besides too', ...failed }));
    expect(world.desk.list()[0]?.report).toMatchObject({
      requests: 7,
      met: 5,
      failedOver: 1,
      recovered: 1,
      lost: 1,
      unavoidable: 1,
      left: 1,
      failedBesides: 1,
      underWay: 0,
      addedMs: { max: 20 },
      verdict: '1 of 5 requests that met the fault were lost although another target existed.',
    });
  });

  it('takes nothing for lost while the other provider fails on purpose too', () => {
    world.desk.start(ORDER);
    world.desk.start({ ...ORDER, provider: 'two' });
    world.call();
    const error = { kind: 'upstream_unavailable', message: '' } as const;
    world.tell({ ...savedAt(world.clock.nowMs()), status: 502, error, target: null });
    expect(world.desk.list().map(({ report }) => [report.lost, report.unavoidable])).toEqual([
      [0, 0],
      [0, 1],
    ]);
  });

  it('waits with its count for requests that end behind it, and then for nobody', async () => {
    const start = world.desk.start(ORDER);
    world.call();
    await world.clock.advance(60_000);
    expect(world.desk.get(id(start))?.report).toMatchObject({ met: 0, underWay: 1 });
    expect(world.listeners.size).toBe(1);
    world.tell(savedAt(world.clock.nowMs() - 60_000));
    world.tell(sampleFinished({ requestId: 'later' }));
    expect(world.desk.get(id(start))?.report).toMatchObject({
      requests: 1,
      met: 1,
      failedOver: 1,
      underWay: 0,
    });
    expect(world.listeners.size).toBe(0);
  });

  it('notes the changes of circuits while it runs', () => {
    world.desk.start(ORDER);
    const change = { type: 'circuit-changed', target: 'one/a', keyIndex: 0, reason: 'failures' } as const;
    for (let i = 0; i < 150; i += 1) world.tell({ ...change, atMs: i, from: 'closed', to: 'open' });
    const report = world.desk.list()[0]?.report;
    expect([report?.circuitChanges, report?.circuits.length]).toEqual([150, 100]);
  });
});

describe('the desk', () => {
  it('stops a drill once, and says null of one that it does not know', () => {
    const known = id(world.desk.start(ORDER));
    expect(world.desk.stop(known)).toMatchObject({ ending: 'stopped' });
    world.desk.endAll('closed');
    expect(world.desk.stop(known)).toMatchObject({ ending: 'stopped' });
    expect([world.desk.stop('drl_no'), world.desk.get('drl_no')]).toEqual([null, null]);
    expect(world.call()).toBe(CALL);
  });

  it('runs so many at once and no more, and forgets the oldest', async () => {
    const starts = Array.from({ length: DRILLS_MAX + 1 }, () => world.desk.start(ORDER));
    expect(starts.at(-1)).toMatchObject({ type: 'refused', field: null });
    await world.clock.advance(60_000);
    for (let i = 0; i < 100; i += 1) world.desk.stop(id(world.desk.start(ORDER)));
    expect(world.desk.list()).toHaveLength(64);
    expect(world.desk.get(id(starts[0]!))).toBeNull();
  });

  it.each<[Partial<DrillOrder>, string, RegExp]>([
    [{ provider: 'on' }, 'provider', /No provider is called "on" \(did you mean "one"/],
    [{ fault: 'dwn' }, 'fault', /There is no fault "dwn" \(did you mean "down"\?\)/],
    [{ fault: 'zzzzzz' }, 'fault', /known are .*down, /],
    [{ share: 0 }, 'share', /above 0/],
    [{ share: 1.1 }, 'share', /at most 1/],
    [{ share: Number.NaN }, 'share', /number/],
    [{ seconds: 0 }, 'seconds', /more than 0/],
    [{ seconds: 86_401 }, 'seconds', /86400/],
  ])('refuses %j and names the field', (changes, field, message) => {
    const start = world.desk.start({ ...ORDER, ...changes });
    expect(start).toMatchObject({ type: 'refused', field, message: expect.stringMatching(message) });
    expect([world.desk.list(), world.clock.timers]).toEqual([[], 0]);
  });
});
