import { inRound } from '../plan.ts';
import type { Bench } from './bench.ts';

/** From starting the process to its first 200, asked for every two milliseconds; the gateway on a new database each time. */
export async function measureColdStart({
  plan,
  provider,
  variants,
  samples,
  progress,
}: Bench): Promise<void> {
  for (let start = 0; start < plan.coldStarts; start += 1) {
    for (const variant of inRound(variants, start)) {
      progress(`cold start ${variant.name}, ${start + 1} of ${plan.coldStarts}`);
      const running = await variant.start({ provider, heldPort: 0 });
      samples.add('cold-start', variant.name, running.coldStartMs);
      await running.stop();
    }
  }
}
