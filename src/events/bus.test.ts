import { describe, expect, it } from 'vitest';
import type { GatewayEvent } from '../spec/event.ts';
import { EventBus } from './bus.ts';
import { RecordingLog } from '../testing/recording-log.ts';
import { sampleFinished } from './testing/sample-events.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';

function setUp() {
  const clock = new VirtualClock();
  const log = new RecordingLog();
  const heard: string[] = [];
  const hear = (event: GatewayEvent) => void heard.push(idOf(event));
  return { clock, log, heard, hear, bus: new EventBus({ clock, log }) };
}

function idOf(event: GatewayEvent): string {
  return event.type === 'request-finished' ? event.requestId : event.type;
}

const event = (id: number) => sampleFinished({ requestId: `r${id}` });

describe('EventBus', () => {
  it('tells immediate listeners inside publish and queued ones later, in order', async () => {
    const { bus, clock, heard, hear } = setUp();
    const later: string[] = [];
    bus.subscribe('metrics', hear);
    bus.subscribe('webhook', (told) => void later.push(idOf(told)), { queue: 10 });
    bus.publish(event(1));
    bus.publish(event(2));
    expect([heard, later]).toEqual([['r1', 'r2'], []]);
    await clock.advance(0);
    expect(later).toEqual(['r1', 'r2']);
  });

  it.each([
    ['rejects from a queue', () => Promise.reject(new Error('boom')), { queue: 8 }],
    ['rejects', () => Promise.reject(new Error('boom')), {}],
    [
      'throws in publish',
      () => {
        throw new Error('boom');
      },
      {},
    ],
  ])('goes on where a listener %s', async (_, listener, options) => {
    const { bus, clock, log, heard, hear } = setUp();
    const broken = bus.subscribe('broken', listener, options);
    bus.subscribe('healthy', hear);
    for (let id = 1; id <= 5; id += 1) bus.publish(event(id));
    await clock.advance(0);
    expect(heard).toHaveLength(5);
    expect(broken.failures).toBe(5);
    expect(log.lines.map((line) => line.fields['failures'])).toEqual([1, 2, 4]);
    expect(log.lines[0]).toMatchObject({ level: 'error', fields: { subscriber: 'broken', error: 'boom' } });
  });

  it('keeps no more than the queue holds for a slow listener, counts the rest and announces it', async () => {
    const { bus, clock, heard, hear } = setUp();
    const open: (() => void)[] = [];
    const slow = bus.subscribe('slow', () => new Promise<void>((resolve) => open.push(resolve)), {
      queue: 3,
    });
    bus.subscribe('watcher', hear);
    for (let id = 1; id <= 10; id += 1) bus.publish(event(id));
    expect(slow.lost).toBe(7);
    for (let turn = 0; turn < 3; turn += 1) {
      await clock.advance(0);
      open.shift()?.();
    }
    await clock.advance(0);
    expect(heard.at(-1)).toBe('subscriber-overflowed');
    expect(heard.filter((id) => id === 'subscriber-overflowed')).toHaveLength(1);
  });

  it('flushes what waits in queues', async () => {
    const { bus, clock, heard, hear } = setUp();
    bus.subscribe('queued', hear, { queue: 10 });
    bus.publish(event(1));
    const flushed = bus.flush();
    await clock.advance(0);
    await flushed;
    expect(heard).toEqual(['r1']);
    await bus.flush();
  });

  it('is silent for a cancelled listener, also for what was queued', async () => {
    const { bus, clock, heard, hear } = setUp();
    const queued = bus.subscribe('queued', hear, { queue: 10 });
    const immediate = bus.subscribe('immediate', hear);
    bus.publish(event(1));
    queued.cancel();
    immediate.cancel();
    bus.publish(event(2));
    await clock.advance(0);
    expect(heard).toEqual(['r1']);
  });

  it('may be published to, subscribed to and cancelled by a listener', async () => {
    const { bus, heard, hear } = setUp();
    const first = bus.subscribe('first', (told) => {
      first.cancel();
      if (told.type === 'request-finished') bus.subscribe('second', hear);
    });
    bus.publish(event(1));
    bus.publish(event(2));
    expect(heard).toEqual(['r2']);
  });

  it('tells a subscriber only what it wants, and keeps no room for the rest', async () => {
    const { bus, clock, heard, hear } = setUp();
    const queued = bus.subscribe('queued', hear, { queue: 1, types: ['request-finished'] });
    bus.subscribe('immediate', hear, { types: ['config-reloaded'] });
    bus.publish({ type: 'config-reloaded', atMs: 0, changes: [] });
    bus.publish(event(1));
    await clock.advance(0);
    expect([heard, queued.lost]).toEqual([['config-reloaded', 'r1'], 0]);
  });

  it('gathers events for as long as a subscriber wants', async () => {
    const { bus, clock, heard, hear } = setUp();
    bus.subscribe('gathered', hear, { queue: 10, gatherMs: 20 });
    bus.publish(event(1));
    await clock.advance(19);
    bus.publish(event(2));
    expect(heard).toEqual([]);
    await clock.advance(1);
    expect(heard).toEqual(['r1', 'r2']);
  });

  it('delivers a long queue in pieces, with turns for others in between', async () => {
    const { bus, clock, heard, hear } = setUp();
    const between: number[] = [];
    bus.subscribe('queued', hear, { queue: 1_000 });
    for (let id = 1; id <= 350; id += 1) bus.publish(event(id));
    const watch = () => {
      between.push(heard.length);
      if (heard.length < 350) clock.after(0, watch);
    };
    clock.after(0, watch);
    await clock.advance(0);
    expect(heard).toHaveLength(350);
    expect(new Set(between).size).toBeGreaterThanOrEqual(4);
  });
});
