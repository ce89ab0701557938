import { campaign } from '../campaign.ts';
import { INVARIANTS } from '../invariants/table.ts';
import { PLANTS } from './plants.ts';

const SEEDS_MAX = 400;

// Looks for a violation of what should catch the bug that was put in, and tells the first seed that shows it.
const wanted = PLANTS[Number(process.env['BELLWETHER_PLANT'] ?? Number.NaN)]?.caughtBy ?? [];
let found: { readonly seed: number; readonly id: string } | null = null;
const { counts } = await campaign({
  firstSeed: 1,
  invariants: INVARIANTS.map((each) =>
    wanted.includes(each.id) ? each : { ...each, pending: 'not looked for' },
  ),
  enough: (seeds, _lifetimes, failures) => {
    const [failure] = failures;
    if (failure !== undefined) found = { seed: failure.seed, id: failure.violation.id };
    return found !== null || seeds >= SEEDS_MAX;
  },
});
process.stdout.write(JSON.stringify({ found, counts }));
