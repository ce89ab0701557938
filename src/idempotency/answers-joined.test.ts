import { describe, expect, it } from 'vitest';
import { RecordingSink } from '../testing/recording-sink.ts';
import { settled } from '../testing/virtual-clock.ts';
import { bytes, first, setUp } from './testing/fixture.ts';

describe('a call under way', () => {
  it('is joined: all that was sent so far, then what comes, and it runs once', async () => {
    const { ask } = setUp();
    const client = new RecordingSink();
    const out = await first(ask(client));
    out.open(['x-a', '1']);
    out.write(bytes('one '));
    const late = new RecordingSink();
    const joined = ask(late);
    await settled();
    expect(late.body).toBe('one ');
    out.write(bytes('two '));
    expect(late.body).toBe('one two ');
    out.end([]);
    expect(await joined).toEqual({ type: 'replayed', status: 200, bytes: 8 });
    expect(late).toMatchObject({ ending: 'whole', body: client.body, begun: 1 });
  });

  it('gives everybody who waits the same answer, also an error that is not kept', async () => {
    const { ask } = setUp();
    const out = await first(ask(new RecordingSink()));
    const others = [new RecordingSink(), new RecordingSink()];
    const joined = others.map((sink) => ask(sink));
    await settled();
    out.answer(503, [], bytes('{"error":1}'));
    expect(await Promise.all(joined)).toMatchObject([{ status: 503 }, { status: 503 }]);
    expect(others.map((sink) => [sink.status, sink.body])).toEqual([
      [503, '{"error":1}'],
      [503, '{"error":1}'],
    ]);
    expect((await ask(new RecordingSink())).type).toBe('run');
  });

  it('goes on for those who joined when its owner leaves, also where the owner was slow', async () => {
    const { ask } = setUp();
    const owner = new RecordingSink();
    const out = await first(ask(owner));
    let left = 0;
    out.onClose(() => {
      left += 1;
    });
    out.open([]);
    const other = new RecordingSink();
    const joined = ask(other);
    await settled();
    owner.block();
    expect(out.write(bytes('a'))).toBe(false);
    let drained = 0;
    out.onDrain(() => {
      drained += 1;
    });
    owner.leave();
    expect([out.closed, left, drained]).toEqual([false, 0, 1]);
    expect(out.write(bytes('b'))).toBe(true);
    other.leave();
    expect([out.closed, left]).toEqual([true, 1]);
    expect(await joined).toEqual({ type: 'left' });
  });

  it('that was given up leaves the next one to begin anew, and nobody with its end', async () => {
    const { ask } = setUp();
    const owner = new RecordingSink();
    const out = await first(ask(owner));
    owner.leave();
    const next = new RecordingSink();
    const asked = ask(next);
    await settled();
    expect(out.closed).toBe(true);
    out.cut();
    expect((await asked).type).toBe('run');
    expect(next.begun).toBe(0);
  });

  it('is not slowed by one who reads slowly, who gets everything at his pace', async () => {
    const { ask } = setUp();
    const out = await first(ask(new RecordingSink()));
    out.open([]);
    const slow = new RecordingSink();
    slow.block();
    const joined = ask(slow);
    await settled();
    for (let n = 0; n < 9; n += 1) expect(out.write(bytes(`piece ${n} `))).toBe(true);
    out.end([]);
    expect(slow.body).toBe('piece 0 ');
    for (let n = 0; n < 9; n += 1) slow.drain();
    expect(await joined).toMatchObject({ type: 'replayed', status: 200 });
    expect(slow.body).toBe(Array.from({ length: 9 }, (_, n) => `piece ${n} `).join(''));
  });

  it('cuts off one who lags behind by more than an answer may have, and keeps no more than that', async () => {
    const { ask } = setUp();
    const client = new RecordingSink();
    const out = await first(ask(client));
    out.open([]);
    const fast = new RecordingSink();
    const slow = new RecordingSink();
    slow.block();
    const both = [ask(fast), ask(slow)];
    await settled();
    for (let n = 0; n < 50; n += 1) out.write(bytes('y'.repeat(100)));
    slow.drain();
    out.end([]);
    await Promise.all(both);
    expect(fast).toMatchObject({ ending: 'whole', body: client.body });
    expect(slow.ending).toBe('cut');
    expect(client.body.startsWith(slow.body)).toBe(true);
  });

  it('runs once for any number that come in the same moment', async () => {
    const { ask } = setUp();
    const sinks = Array.from({ length: 20 }, () => new RecordingSink());
    const asked = sinks.map((sink) => ask(sink));
    await settled();
    const begun = await Promise.race(asked);
    if (begun.type !== 'run') throw new Error('one must run');
    begun.sink.answer(200, [], bytes('once'));
    const all = await Promise.all(asked);
    expect(all.filter(({ type }) => type === 'run')).toHaveLength(1);
    expect(sinks.map(({ body }) => body)).toEqual(Array.from({ length: 20 }, () => 'once'));
  });
});
