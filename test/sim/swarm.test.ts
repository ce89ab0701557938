import { describe, expect, it } from 'vitest';
import { campaign, inWords } from './campaign.ts';
import { drawHistory } from './history/draw.ts';
import type { Check, History, Invariant } from './history/history.ts';
import { runHistory } from './history/run.ts';
import type { HistoryScript } from './history/script.ts';
import { INVARIANTS, PENDING } from './invariants/table.ts';
import { shrink } from './shrink.ts';

const SEEDS = Number(process.env['SWARM_SEEDS'] ?? 250);
const FIRST_SEED = Number(process.env['SWARM_FIRST_SEED'] ?? 1);

describe('the whole gateway on virtual time, each seed with faults, routes and clients of its own', () => {
  it(`keeps every invariant over ${SEEDS} seeds`, { timeout: 3_600_000 }, async () => {
    const tally = await campaign({
      firstSeed: FIRST_SEED,
      invariants: INVARIANTS,
      enough: (seeds) => seeds >= SEEDS,
    });
    process.stdout.write(`${inWords(tally)}\n`);
    for (const [id, reason] of Object.entries(PENDING)) process.stdout.write(`pending ${id}: ${reason}\n`);
    const told = tally.failures.map(
      ({ seed, violation: { id, what } }) =>
        `${id}: ${what}; see npm run sim -- --seed ${seed} --shrink --invariant ${id}`,
    );
    expect(told).toEqual([]);
    expect(tally.recovered).toBeGreaterThan(tally.lifetimes / 50);
  });

  // A11: the same seed, the same decisions.
  it('repeats itself: the same seed, the same trace', async () => {
    for (let seed = 1; seed <= 25; seed += 1) {
      const script = drawHistory(seed);
      const read: HistoryScript = JSON.parse(JSON.stringify(script));
      const [once, again] = [await trace(script), await trace(read)];
      expect(again, `seed ${seed}`).toBe(once);
    }
    expect(await trace(drawHistory(1))).not.toBe(await trace(drawHistory(2)));
  });
});

async function trace(script: HistoryScript): Promise<string> {
  return (await runHistory(script, { invariants: INVARIANTS })).trace;
}

describe('a history that fails is made small', () => {
  const NO_HANGING: Invariant = {
    id: 'T1',
    says: 'No call hangs.',
    pending: null,
    check: (history: History): Check => ({
      onCall: ({ fault }) => {
        if (fault?.type === 'hang') history.violate('T1', 'a call hangs');
      },
    }),
  };

  async function hangs(script: HistoryScript): Promise<boolean> {
    return (await runHistory(script, { invariants: [NO_HANGING] })).violations.length > 0;
  }

  it('to the one request and the one fault that matter', async () => {
    let seed = 1;
    while (!(await hangs(drawHistory(seed)))) seed += 1;
    const small = await shrink(drawHistory(seed), hangs);
    expect(small.requests).toHaveLength(1);
    expect(small.faults).toEqual([expect.objectContaining({ fault: { type: 'hang' }, share: 1 })]);
    expect(small.acts).toEqual([]);
    expect(await hangs(small)).toBe(true);
  });
});
