import { diceFrom } from '../../simulator/answer/dice.ts';
import type { Incident } from './incident.ts';
import type { Interval } from './intervals.ts';

/**
 * Unannounced brownouts of one service in 30 days: an outside prober saw 102 degradations of 11 services in June 2026, 99
 * of which no status page told of.
 */
export const BROWNOUTS_PER_MONTH = 9;

const MONTH_MS = 30 * 86_400_000;
const MINUTE_MS = 60_000;
const MINUTES = { least: 1, most: 15 };

/**
 * Brownouts of each service: at times that know nothing of one another (a Poisson process), each 1 to 15 minutes long, half
 * of them errors and half slowness, of major impact. The same seed gives the same ones for a service, whatever the others.
 */
export function brownouts(
  services: readonly string[],
  { startMs, endMs }: Interval,
  { seed, perMonth }: { readonly seed: number; readonly perMonth: number },
): readonly Incident[] {
  if (perMonth <= 0) return [];
  return services.flatMap((service) => {
    const dice = diceFrom(`${seed}/brownouts/${service}`);
    const found: Incident[] = [];
    let atMs = startMs;
    for (;;) {
      atMs += (-Math.log(1 - dice.next()) * MONTH_MS) / perMonth;
      const minutes = MINUTES.least + dice.next() * (MINUTES.most - MINUTES.least);
      if (atMs >= endMs) return found;
      found.push({
        service,
        id: `brownout-${found.length + 1}`,
        startMs: Math.round(atMs),
        endMs: Math.min(endMs, Math.round(atMs + minutes * MINUTE_MS)),
        impact: 'major',
        scope: dice.next() < 0.5 ? 'elevated_errors' : 'latency_or_degraded',
        announced: false,
      });
    }
  });
}
