import { DEFAULT_MODEL_FAILOVER } from '../config/config.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UNKNOWN_CAPABILITIES } from '../spec/model.ts';
import { plan, type Plan } from './plan.ts';
import { leaned, targetsOf, type Route } from './route.ts';
import type { RequestFacts } from './facts.ts';
import { DEFAULT_TIMEOUTS } from '../config/config.ts';
import { timeoutsFor, type Target } from './target.ts';
import { PLAIN_FACTS, pricedTarget, testTarget } from './testing/targets.ts';

const one = (target: Target): Route => ({ type: 'target', target });

function planOf(route: Route, facts: Partial<RequestFacts> = {}, random: () => number = () => 0.5): Plan {
  return plan({
    route,
    facts: { ...PLAIN_FACTS, ...facts },
    random,
    deadlineAtMs: 1,
    failover: DEFAULT_MODEL_FAILOVER,
    spares: false,
  });
}

const addresses = (made: Plan): string[] => made.candidates.map(({ address }) => address);

const leaf = fc
  .record({
    address: fc.constantFrom('p/a', 'p/b', 'q/a', 'q/c', 'r/d'),
    weight: fc.nat(10),
    price: fc.nat(9),
  })
  .map(({ address, weight, price }) => one({ ...pricedTarget(address, price, price), weight }));
const route = fc.letrec<{ route: Route }>((tie) => ({
  route: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.record({
      type: fc.constantFrom('ordered' as const, 'weighted' as const, 'cheapest' as const),
      routes: fc.array(tie('route'), { maxLength: 4 }),
    }),
    fc.record({
      type: fc.constant('hybrid' as const),
      routes: fc.array(tie('route'), { maxLength: 4 }),
      lean: fc.constantFrom('economy' as const, 'balanced' as const, 'premium' as const),
    }),
  ),
})).route;

describe('planning', () => {
  it('neither loses nor invents nor repeats a target, whatever the tree and the chance', () => {
    fc.assert(
      fc.property(
        route,
        fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
        (tree, chance) => {
          const made = addresses(planOf(tree, {}, () => chance.next().value ?? 0));
          const wanted = new Set(targetsOf(tree).map(({ address }) => address));
          expect(made).toHaveLength(new Set(made).size);
          expect(new Set(made)).toEqual(wanted);
        },
      ),
    );
  });

  it('draws by weight in proportion', () => {
    const tree: Route = {
      type: 'weighted',
      routes: [one({ ...testTarget('p/a'), weight: 3 }), one({ ...testTarget('p/b'), weight: 1 })],
    };
    let seed = 1;
    const random = (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    let first = 0;
    for (let i = 0; i < 4_000; i += 1) if (addresses(planOf(tree, {}, random))[0] === 'p/a') first += 1;
    expect(first / 4_000).toBeGreaterThan(0.72);
    expect(first / 4_000).toBeLessThan(0.78);
  });

  it('puts a weight of nothing last but keeps it', () => {
    const tree: Route = {
      type: 'weighted',
      routes: [one({ ...testTarget('p/a'), weight: 0 }), one({ ...testTarget('p/b'), weight: 1 })],
    };
    expect(addresses(planOf(tree))).toEqual(['p/b', 'p/a']);
  });

  describe('tiers', () => {
    const tiers: Route = {
      type: 'hybrid',
      lean: 'economy',
      routes: [
        one(pricedTarget('p/mid', 5, 5)),
        one(pricedTarget('p/low', 1, 1)),
        one(pricedTarget('p/high', 9, 9)),
        one(testTarget('p/unpriced')),
      ],
    };
    it.each([
      ['economy', ['p/low', 'p/mid', 'p/high', 'p/unpriced']],
      ['premium', ['p/unpriced', 'p/high', 'p/mid', 'p/low']],
      ['balanced', ['p/mid', 'p/high', 'p/unpriced', 'p/low']],
    ] as const)('lean to %s', (lean, order) => {
      expect(addresses(planOf(leaned(tiers, lean)))).toEqual(order);
    });
  });

  it.each([
    ['tools', { tools: true }, { tools: false }],
    ['images', { image: true }, { image: false }],
    ['PDF', { pdf: true }, { pdf: false }],
    ['audio', { audio: true }, { audio: false }],
    ['video', { video: true }, { video: false }],
    ['window', { inputTokens: 9_000 }, { contextTokensMax: 8_000 }],
  ] as const)('passes over a target that lacks %s, and says why', (word, facts, lack) => {
    const weak = testTarget('p/weak', { capabilities: { ...UNKNOWN_CAPABILITIES, ...lack } });
    const made = planOf({ type: 'ordered', routes: [one(weak), one(testTarget('p/able'))] }, facts);
    expect(addresses(made)).toEqual(['p/able']);
    expect(made.skipped).toEqual([{ target: weak, reason: expect.stringContaining(word) }]);
    expect(made.reason).toBe('first in order, 1 passed over');
  });

  it('prefers a target that holds answers to a schema natively, but keeps one that can only emulate it', () => {
    const emulating = testTarget('p/emulating', {
      capabilities: { ...UNKNOWN_CAPABILITIES, structuredOutput: false },
    });
    const tree: Route = { type: 'ordered', routes: [one(emulating), one(testTarget('p/native'))] };
    expect(addresses(planOf(tree, { jsonSchema: true }))).toEqual(['p/native', 'p/emulating']);
    expect(addresses(planOf(tree))).toEqual(['p/emulating', 'p/native']);
  });

  it("keeps several answers to targets of the client's own wire", () => {
    const tree: Route = {
      type: 'ordered',
      routes: [one(testTarget('p/a', { protocol: 'other' })), one(testTarget('p/b'))],
    };
    expect(addresses(planOf(tree, { manyCandidates: true }))).toEqual(['p/b']);
  });
});

describe('the waits of a target', () => {
  it('are longer for a model that may reason unseen, unless the configuration says otherwise', () => {
    const plain = { ...UNKNOWN_CAPABILITIES, reasoning: { type: 'none' } as const };
    expect(timeoutsFor(DEFAULT_TIMEOUTS, plain)).toMatchObject({ firstByteMs: 30_000, firstTokenMs: 60_000 });
    expect(timeoutsFor(DEFAULT_TIMEOUTS, UNKNOWN_CAPABILITIES)).toMatchObject({ firstTokenMs: 300_000 });
    const own = { ...DEFAULT_TIMEOUTS, firstTokenMs: 5 };
    expect(timeoutsFor(own, UNKNOWN_CAPABILITIES)).toMatchObject({ firstTokenMs: 5 });
  });
});
