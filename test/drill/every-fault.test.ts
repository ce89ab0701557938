import { brandText } from '../../src/base/brand.ts';
import type { Bytes } from '../../src/base/bytes.ts';
import { describe, expect, it } from 'vitest';
import { countPrompt, judgeCount } from '../../src/drill/seen-answer.ts';
import { FAULT_NAMES } from '../../src/simulator/faults/names.ts';
import type { RequestFinished } from '../../src/spec/event.ts';
import { createWorld } from '../sim/world.ts';

const CONFIG = {
  failover: { probes: false },
  timeouts: { idle_ms: 2_000, first_byte_ms: 3_000, first_token_ms: 4_000, answer_ms: 6_000 },
  providers: {
    one: { kind: 'simulated' },
    two: { kind: 'simulated', simulate: { like: 'anthropic' } },
  },
  models: {
    m: { targets: ['one/gpt-4.1'], fallbacks: ['spare'] },
    spare: { targets: ['two/claude-sonnet-4-5'] },
  },
};

const COUNT_TO = 30;

/**
 * Faults that no gateway can mend: twice the same words in proper events, of which nobody between can know that they were not
 * meant, and a refusal that says that the request is too long, where no other target takes longer ones.
 */
const NOT_TO_BE_MENDED: readonly string[] = ['duplicate', '400'];

const CASES = Object.keys(FAULT_NAMES)
  .filter((name) => !NOT_TO_BE_MENDED.includes(name))
  .flatMap((name) => [true, false].map((stream) => [name, stream] as const));

// Every word came, and only the end is missing: who is shown them and has nothing to add is not believed at its first word.
function doubtedBehind(fault: string, stream: boolean): readonly string[] {
  return fault === 'no-finish' && stream ? ['upstream_empty'] : [];
}

describe('a provider with a fault, beside one that is well', () => {
  it.each(CASES)(
    '%s (streamed: %s): its caller gets every word, and the log says what it was',
    async (fault, stream) => {
      const world = await createWorld({ seed: 7, config: CONFIG });
      const { composed, virtual } = world;
      const order = { provider: 'one', fault, share: 1, seconds: 3_600, startedBy: 'test' };
      const start = await composed.drills.start(order);
      expect(start.type).toBe('started');
      const body = { model: 'm', stream, messages: [{ role: 'user', content: countPrompt(COUNT_TO) }] };
      const { sink, done } = world.send({ surface: 'chat', body });
      await virtual.clock.runUntil(done, 300_000);
      const ended = sink.ending === 'whole';
      const answer = { status: sink.status, body: brandText<Bytes>(sink.body), ended, stream };
      expect(judgeCount(COUNT_TO, answer)).toBe('answered');
      const finished = world.events.filter(
        (event): event is RequestFinished => event.type === 'request-finished',
      );
      const failed = finished.flatMap(({ attempts }) =>
        attempts.flatMap(({ provider, outcome }) =>
          outcome.type === 'failed' ? [{ provider, outcome }] : [],
        ),
      );
      const elsewhere = failed.filter(({ provider }) => provider !== 'one');
      expect(elsewhere.map(({ outcome }) => outcome.kind)).toEqual(doubtedBehind(fault, stream));
      const here = failed.filter(({ provider }) => provider === 'one');
      for (const { outcome } of here) expect(outcome.message).toMatch(new RegExp(`^drill: ${fault}: .+`));
      const [drill] = await composed.drills.list();
      expect(drill?.report).toMatchObject({ requests: 1, met: 1, lost: 0, unavoidable: 0, underWay: 0 });
    },
  );
});

describe('drills of a gateway', () => {
  it('count a caller who is told that its own request is wrong apart from those that were lost', async () => {
    const world = await createWorld({ seed: 1, config: CONFIG });
    const { composed, virtual } = world;
    await composed.drills.start({ provider: 'one', fault: '400', share: 1, seconds: 60, startedBy: 'test' });
    const body = { model: 'm', messages: [{ role: 'user', content: countPrompt(3) }] };
    const { sink, done } = world.send({ surface: 'chat', body });
    await virtual.clock.runUntil(done, 60_000);
    expect(sink.status).toBe(400);
    expect(await composed.drills.list()).toMatchObject([{ report: { met: 1, lost: 0, unavoidable: 1 } }]);
  });

  it('end with a new configuration', async () => {
    const { composed, events } = await createWorld({ seed: 1, config: CONFIG });
    await composed.drills.start({ provider: 'two', fault: 'down', share: 1, seconds: 60, startedBy: 'test' });
    await composed.reload(composed.gateway.snapshot.config);
    expect(await composed.drills.list()).toMatchObject([{ ending: 'reload' }]);
    expect(events.map(({ type }) => type)).toEqual(['drill-started', 'drill-ended', 'config-reloaded']);
  });

  it('break what a provider is really asked, and nothing of the other', async () => {
    const world = await createWorld({ seed: 1, config: CONFIG });
    const { composed, virtual } = world;
    await composed.drills.start({ provider: 'two', fault: 'down', share: 1, seconds: 60, startedBy: 'test' });
    const body = { model: 'm', messages: [{ role: 'user', content: countPrompt(3) }] };
    const { sink, done } = world.send({ surface: 'chat', body });
    await virtual.clock.runUntil(done, 60_000);
    expect(sink.status).toBe(200);
    expect(await composed.drills.list()).toMatchObject([
      { report: { requests: 1, met: 0, providerCalls: 0 } },
    ]);
  });
});
