import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Slots } from './slots.ts';

describe('slots', () => {
  it('hold what a set would hold, in no more places than there were things at once', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 200 }), (steps) => {
        const slots = new Slots<{ readonly id: number }>();
        const held = new Map<number, number>();
        let most = 0;
        steps.forEach((step, id) => {
          const ids = [...held.keys()];
          const gone = ids[step];
          if (gone === undefined) held.set(id, slots.add({ id }));
          else {
            slots.remove(held.get(gone) ?? -1);
            held.delete(gone);
          }
          most = Math.max(most, held.size);
          expect(slots.size).toBe(held.size);
        });
        expect(new Set(slots.all().map(({ id }) => id))).toEqual(new Set(held.keys()));
        expect([...held.values()].every((slot) => slot < most)).toBe(true);
      }),
    );
  });

  it('take a number back once', () => {
    const slots = new Slots<string>();
    const slot = slots.add('a');
    slots.remove(slot);
    slots.remove(slot);
    slots.remove(7);
    expect([slots.size, slots.add('b'), slots.add('c')]).toEqual([0, slot, 1]);
    expect(slots.all()).toEqual(['b', 'c']);
  });
});
