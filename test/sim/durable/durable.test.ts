import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { durableCampaign, durableInWords } from './campaign.ts';
import { drawDurable } from './draw.ts';
import type { DurableCheck, DurableHistory, DurableInvariant } from './facts.ts';
import { DURABLE_PLANTS } from './planted/plants.ts';
import { runDurable } from './run.ts';
import type { DurableScript } from './script.ts';
import { shrinkDurable, violates } from './shrink.ts';
import { DURABLE_INVARIANTS } from './table.ts';

const SEEDS = Number(process.env['DURABLE_SEEDS'] ?? 200);
const FIRST_SEED = Number(process.env['DURABLE_FIRST_SEED'] ?? 1);

describe('the queue and the kept answers on a machine that fails, dies and starts anew', () => {
  it(`keep every invariant over ${SEEDS} seeds`, { timeout: 3_600_000 }, async () => {
    const tally = await durableCampaign({
      firstSeed: FIRST_SEED,
      seeds: SEEDS,
      invariants: DURABLE_INVARIANTS,
    });
    process.stdout.write(`${durableInWords(tally)}\n`);
    const told = tally.failures.flatMap(({ seed, violations: [first] }) =>
      first === undefined
        ? []
        : [`${first.id}: ${first.what}; see npm run sim -- --durable --seed ${seed} --shrink`],
    );
    expect(told).toEqual([]);
    expect(tally.crashes).toBeGreaterThan(tally.seeds);
    expect(tally.accepted).toBeGreaterThan(tally.seeds * 8);
  });

  it('repeat themselves: the same seed, the same trace', async () => {
    for (let seed = 1; seed <= 15; seed += 1) {
      const script = drawDurable(seed);
      const read: DurableScript = JSON.parse(JSON.stringify(script));
      expect(await trace(read), `seed ${seed}`).toBe(await trace(script));
    }
    expect(await trace(drawDurable(1))).not.toBe(await trace(drawDurable(2)));
  });

  it('fail in a small history where they fail in a large one', async () => {
    const fails = violates('T1', [NO_DYING]);
    let seed = 1;
    while (!(await fails(drawDurable(seed)))) seed += 1;
    const small = await shrinkDurable(drawDurable(seed), fails);
    expect(small.jobs).toHaveLength(1);
    expect([small.requests, small.acts, small.storeFaults, small.secondAtMs]).toEqual([[], [], [], null]);
  });
});

const NO_DYING: DurableInvariant = {
  id: 'T1',
  says: 'No job is refused for good.',
  check: (history: DurableHistory): DurableCheck => ({
    onSettle: (_hold, _before, { job: { state } }) => {
      if (state.status === 'dead' && state.reason.code === 'refused') history.violate('T1', 'one is refused');
    },
  }),
};

async function trace(script: DurableScript): Promise<string> {
  return (await runDurable(script, DURABLE_INVARIANTS)).trace;
}

const run = promisify(execFile);
const SIM = path.join(import.meta.dirname, '..');

// The test of the tests: none of these bugs may pass.
describe('a bug that is put in on purpose is caught', () => {
  DURABLE_PLANTS.forEach(({ name, caughtBy }, index) => {
    it(`a queue that ${name}`, { timeout: 120_000 }, async () => {
      const hook = path.join(SIM, 'planted', 'plant-hook.ts');
      const hunt = path.join(import.meta.dirname, 'planted', 'hunt.ts');
      const { stdout } = await run(process.execPath, ['--import', hook, hunt], {
        env: { ...process.env, BELLWETHER_PLANTS: 'durable', BELLWETHER_PLANT: String(index) },
      });
      const { found }: { readonly found: { readonly ids: readonly string[] } | null } = JSON.parse(stdout);
      const ids = found?.ids ?? [];
      expect(
        ids.some((id) => caughtBy.includes(id)),
        `${caughtBy.join(' or ')}, not ${ids.join()}`,
      ).toBe(true);
    });
  });
});
