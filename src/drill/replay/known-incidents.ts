import type { DownTimes } from './ceiling.ts';
import { intersection, type Intervals } from './intervals.ts';

/** What comes with the program about past outages of providers: when their services were in announced incidents. */
export interface KnownIncidents {
  /** The service that a kind of provider is; null where nothing is known about it. */
  serviceOf(kind: string): string | null;
  /** The kind of provider that a service is; null where there is none. */
  kindOf(service: string): string | null;
  /** Whether a kind passes requests on to other companies, and so fails with them. */
  resells(kind: string): boolean;
  readonly periods: readonly KnownPeriod[];
}

/** A stretch of time in which some services were watched. */
export interface KnownPeriod {
  readonly startMs: number;
  readonly endMs: number;
  readonly services: ReadonlyMap<string, { readonly sinceMs: number; readonly down: Intervals }>;
}

/** Loads them. `scripts/import-incidents.ts` writes the file. */
export async function knownIncidents(): Promise<KnownIncidents> {
  const { default: data } = await import('./known-incidents.json', { with: { type: 'json' } });
  const services = new Map(Object.entries(data.services));
  const kinds = new Map(Object.entries(data.services).map(([kind, service]) => [service, kind]));
  return {
    serviceOf: (kind) => services.get(kind) ?? null,
    kindOf: (service) => kinds.get(service) ?? null,
    resells: (kind) => data.resellers.includes(kind),
    periods: data.periods.map(({ start, end, services: watched }) => {
      const startMs = Date.parse(start);
      return {
        startMs,
        endMs: Date.parse(end),
        services: new Map(
          Object.entries(watched).map(([service, { since, down }]) => [
            service,
            { sinceMs: Date.parse(since), down: unpacked(down, startMs) },
          ]),
        ),
      };
    }),
  };
}

/**
 * The down times of some services, for the time in which all of them were watched; null where the period does not know all
 * of them.
 */
export function knownDownTimes(known: KnownPeriod, services: readonly string[]): DownTimes | null {
  const found = services.map((service) => known.services.get(service));
  const startMs = found.reduce((latest, each) => Math.max(latest, each?.sinceMs ?? Infinity), known.startMs);
  if (startMs >= known.endMs) return null;
  const period = { startMs, endMs: known.endMs };
  const byService = new Map(
    services.map((service, index) => [service, intersection(found[index]?.down ?? [], [period])]),
  );
  return { period, byService };
}

// Start and length of each outage in seconds, one after the other.
function unpacked(numbers: readonly number[], fromMs: number): Intervals {
  return numbers.flatMap((start, index) =>
    index % 2 === 1
      ? []
      : [{ startMs: fromMs + start * 1000, endMs: fromMs + (start + (numbers[index + 1] ?? 0)) * 1000 }],
  );
}
