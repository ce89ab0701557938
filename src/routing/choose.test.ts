import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PRIORITIES, READY, type Standing } from '../spec/health.ts';
import { choose, type ChoiceView } from './choose.ts';
import { testTarget } from './testing/targets.ts';

const A = testTarget('one/a');
const B = testTarget('two/b');

function view(
  standings: { readonly [target: string]: Standing },
  more: Partial<ChoiceView> = {},
): ChoiceView {
  return {
    random: () => 0.5,
    priority: 'normal',
    standing: (target) => standings[target] ?? READY,
    mayRetry: () => true,
    ...more,
  };
}

describe('choosing where to call', () => {
  it('gives a recovering target its share of the calls', () => {
    const recovering: Standing = { type: 'ready', share: 0.3 };
    const at = (drawn: number) =>
      choose([A, B], view({ 'one/a': recovering }, { random: () => drawn }), true);
    expect(at(0.2)).toMatchObject({ place: { target: A } });
    expect(at(0.4)).toMatchObject({ place: { target: B } });
  });

  it('takes a recovering target out of turn where nothing else is well', () => {
    const open: Standing = { type: 'open', untilMs: 9 };
    const standings = { 'one/a': open, 'two/b': { type: 'ready', share: 0.1 } } as const;
    expect(choose([A, B], view(standings), true)).toMatchObject({ place: { target: B } });
  });

  it('lets one call find out whether a target is well again', () => {
    expect(choose([A, B], view({ 'one/a': { type: 'probe' } }), true)).toMatchObject({
      place: { target: A },
    });
  });

  it('sheds low priority first where everything is full', () => {
    const full: Standing = { type: 'full' };
    const standings = { 'one/a': full, 'two/b': full };
    expect(choose([A, B], view(standings, { priority: 'low' }), true)).toEqual({ type: 'full' });
    expect(choose([A, B], view(standings), true)).toMatchObject({ place: { target: A } });
  });

  it('never calls what told until when it refuses, and names the first to come free', () => {
    const told = (untilMs: number): Standing => ({ type: 'parked', untilMs, told: true });
    const choice = choose([A, B], view({ 'one/a': told(30), 'two/b': told(20) }), true);
    expect(choice).toMatchObject({ type: 'parked', untilMs: 20, place: { target: B } });
  });

  it('asks the retry budget before it forces an open circuit a second time in one request', () => {
    const open: Standing = { type: 'open', untilMs: 9 };
    const none = view({ 'one/a': open }, { mayRetry: () => false });
    expect(choose([A], none, true)).toMatchObject({ place: { target: A } });
    expect(choose([A], none, false)).toEqual({ type: 'none' });
  });

  const anyStanding: fc.Arbitrary<Standing> = fc.oneof(
    fc.record({ type: fc.constant('ready'), share: fc.constantFrom(0.1, 0.5, 1) }),
    fc.constant({ type: 'probe' } as const),
    fc.constant({ type: 'full' } as const),
    fc.record({ type: fc.constant('open'), untilMs: fc.nat(100) }),
    fc.record({ type: fc.constant('parked'), untilMs: fc.nat(100), told: fc.boolean() }),
  );

  it('finds a place for the first call wherever any rule allows one, and never a told park', () => {
    fc.assert(
      fc.property(
        fc.array(anyStanding, { minLength: 1, maxLength: 5 }),
        fc.constantFrom(...PRIORITIES),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (standings, priority, drawn) => {
          const targets = standings.map((_standing, index) => testTarget(`p${index}/m`));
          const asked = view(
            Object.fromEntries(targets.map(({ address }, index) => [address, standings[index] ?? READY])),
            { priority, random: () => drawn },
          );
          const choice = choose(targets, asked, true);
          const full = standings.some(({ type }) => type === 'full');
          const callable =
            standings.some(isWell) ||
            (full ? priority !== 'low' : standings.some((each) => !(each.type === 'parked' && each.told)));
          expect(choice.type === 'place').toBe(callable);
          if (choice.type !== 'place') return;
          const taken = asked.standing(choice.place.target.address, choice.place.keyIndex);
          expect(taken.type === 'parked' && taken.told).toBe(false);
          expect(isWell(taken)).toBe(standings.some(isWell));
        },
      ),
    );
  });
});

function isWell({ type }: Standing): boolean {
  return type === 'ready' || type === 'probe';
}
