import { describe, expect, it } from 'vitest';
import type { OutageCeiling } from '../../compose/outage-ceiling.ts';
import { describeCeiling } from './ceiling.ts';

function set(part: Partial<OutageCeiling>): OutageCeiling {
  return { models: ['m'], known: [], unknown: [], periods: [], ceiling: null, additions: [], ...part };
}

function month(allDownMinutes: number): OutageCeiling['periods'][number] {
  return {
    days: '2026-05-01 to 2026-05-31',
    minutes: 44_640,
    allDownMinutes,
    availability: 1 - allDownMinutes / 44_640,
  };
}

describe('what can be promised', () => {
  it('is at most what two providers had in common, and a third is proposed', () => {
    const pair = set({
      known: ['One', 'Two'],
      periods: [month(106)],
      ceiling: 0.99769,
      additions: ['Three', 'Four'],
    });
    const { state, message, figures } = describeCeiling(pair, false);
    expect(state).toBe('look');
    expect(message).toBe(
      'One and Two were both at once in announced incidents for 106 of 44,640 minutes (2026-05-01 to 2026-05-31). ' +
        'At most 99.76 % can be promised. Add one more provider of another company and another cloud: ' +
        'with Three or Four there would have been no such minute, as far as is known.',
    );
    expect(figures).toMatchObject({ promise: 0.99769, periods: [{ allDownMinutes: 106 }] });
  });

  it('is never more than 99.99 %, even where no common minute is known', () => {
    const three = set({ known: ['One', 'Two', 'Three'], periods: [month(0)], ceiling: 1 });
    const { state, message, figures } = describeCeiling(three, true);
    expect(state).toBe('ok');
    expect(message).toContain(
      'm: One, Two and Three were all at once in announced incidents in none of 44,640',
    );
    expect(message).toContain('99.99 % can be promised, and no more');
    expect(figures).toMatchObject({ promise: 0.9999 });
  });

  it('is little with one provider, and nothing with one that nobody knows about', () => {
    const one = describeCeiling(
      set({ known: ['One'], periods: [month(595)], ceiling: 1 - 595 / 44_640 }),
      false,
    );
    expect(one.state).toBe('look');
    expect(one.message).toContain('All depends on One');
    expect(one.message).toContain('At most 98.66 % can be promised');
    const unknown = describeCeiling(set({ unknown: ['local'] }), false);
    expect(unknown.state).toBe('look');
    expect(unknown.message).toContain('Nothing can be promised. Nothing is known about the outages of local');
    expect(unknown.figures).toMatchObject({ promise: null });
  });
});
