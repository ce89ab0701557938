import { counts, type Incident } from './incident.ts';
import { intersection, merged, totalMs, type Interval, type Intervals } from './intervals.ts';

/** When each service was in an announced incident, within one period. */
export interface DownTimes {
  readonly period: Interval;
  readonly byService: ReadonlyMap<string, Intervals>;
}

/** What the best possible router could make of a set of services: it loses only the time in which all are down. */
export interface Ceiling {
  readonly services: readonly string[];
  /** Time in which all of them were down at once, and in how many stretches. */
  readonly allDownMs: number;
  readonly windows: number;
  /** Share of the period in which at least one was up, 0 to 1. */
  readonly availability: number;
  /** The same if their outages had nothing to do with each other: 1 minus the product of their shares of down time. */
  readonly independent: number;
}

/**
 * When services were down, as the conservative mode counts it: inside any announced incident of minor impact or worse.
 * Services that the incidents do not name were up all the time.
 */
export function downTimes(
  incidents: readonly Incident[],
  services: readonly string[],
  period: Interval,
): DownTimes {
  const byService = new Map(
    services.map((service) => {
      const own = incidents.filter(
        (incident) => incident.service === service && counts(incident, 'conservative'),
      );
      return [service, intersection(merged(own), [period])];
    }),
  );
  return { period, byService };
}

/** The ceiling of one service or of any set of them. Throws where a service is not among the down times. */
export function ceilingOf({ period, byService }: DownTimes, services: readonly string[]): Ceiling {
  const lengthMs = period.endMs - period.startMs;
  let all: Intervals = [period];
  let product = 1;
  for (const service of services) {
    const down = byService.get(service);
    if (down === undefined) throw new Error(`nothing is known about the service ${service}`);
    all = intersection(all, down);
    product *= totalMs(down) / lengthMs;
  }
  const allDownMs = totalMs(all);
  return {
    services,
    allDownMs,
    windows: all.length,
    availability: 1 - allDownMs / lengthMs,
    independent: 1 - product,
  };
}

/** The ceilings of all sets of so many services, best first; equal ones in the order of the names. */
export function ceilingsOfSize(down: DownTimes, size: number): readonly Ceiling[] {
  const names = [...down.byService.keys()].toSorted();
  return subsets(names, size)
    .map((set) => ceilingOf(down, set))
    .toSorted((a, b) => a.allDownMs - b.allDownMs);
}

function subsets(names: readonly string[], size: number): readonly (readonly string[])[] {
  if (size === 0) return [[]];
  return names.flatMap((name, index) =>
    subsets(names.slice(index + 1), size - 1).map((rest) => [name, ...rest]),
  );
}
