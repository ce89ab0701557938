import { durableCampaign } from '../campaign.ts';
import { DURABLE_INVARIANTS } from '../table.ts';

const SEEDS_MAX = 400;

// Looks for a violation, and tells the first seed that shows one.
const { failures } = await durableCampaign({
  firstSeed: 1,
  seeds: SEEDS_MAX,
  invariants: DURABLE_INVARIANTS,
  stopAtFailure: true,
});
const [failure] = failures;
process.stdout.write(
  JSON.stringify({
    found: failure === undefined ? null : { seed: failure.seed, ids: failure.violations.map(({ id }) => id) },
  }),
);
