import type { Plan } from '../plan.ts';
import type { Samples } from '../samples.ts';
import type { FakeProvider } from '../upstream/fake-provider.ts';
import type { RunningVariant, Variant } from '../variants/variant.ts';

/** What every part of the benchmark is given. */
export interface Bench {
  readonly plan: Plan;
  readonly provider: FakeProvider;
  readonly variants: readonly Variant[];
  readonly samples: Samples;
  /** Says what happens at the moment. */
  readonly progress: (text: string) => void;
}

/** Starts variants, hands them over, and stops them whatever happens. */
export async function withRunning(
  { variants, provider }: Pick<Bench, 'variants' | 'provider'>,
  use: (running: readonly RunningVariant[]) => Promise<void>,
): Promise<void> {
  const running: RunningVariant[] = [];
  try {
    for (const variant of variants) running.push(await variant.start({ provider, heldPort: 0 }));
    await use(running);
  } finally {
    for (const each of running) await each.stop();
  }
}
