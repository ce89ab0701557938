import { ceilingOf } from '../drill/replay/ceiling.ts';
import { knownDownTimes, knownIncidents, type KnownIncidents } from '../drill/replay/known-incidents.ts';
import { periodText } from '../drill/replay/period.ts';
import { providerOf } from '../providers/index.ts';
import type { Inspection } from './inspect.ts';

/** What past outages say about models that are served by the same set of companies. */
export interface OutageCeiling {
  /** Public names that share the set. */
  readonly models: readonly string[];
  /** Names of the companies about whose outages something is known. Several targets at one company fail together. */
  readonly known: readonly string[];
  /** Names of configured providers about which nothing is known. */
  readonly unknown: readonly string[];
  /** What is known of those together, oldest first; empty where nothing is. */
  readonly periods: readonly CommonOutage[];
  /** The least of the periods' availabilities, 0 to 1; null where there is none. */
  readonly ceiling: number | null;
  /** Other companies of which one more would have left no minute in which all were down, by the same periods. */
  readonly additions: readonly string[];
}

/** How long all companies of a set were in announced incidents at once. */
export interface CommonOutage {
  /** First and last day. */
  readonly days: string;
  readonly minutes: number;
  readonly allDownMinutes: number;
  readonly availability: number;
}

const MINUTE_MS = 60_000;

/** The ceilings of a configuration's models, those that share a set of providers together. Simulated ones are left out. */
export async function outageCeilings(inspection: Inspection): Promise<readonly OutageCeiling[]> {
  const known = await knownIncidents();
  const kinds = new Map(
    inspection.providers.filter(({ simulated }) => !simulated).map(({ name, kind }) => [name, kind]),
  );
  const sets = new Map<string, { readonly providers: readonly string[]; readonly models: string[] }>();
  for (const { name, targets } of inspection.names) {
    const named = targets.map(({ address }) => address.slice(0, address.indexOf('/')));
    const providers = [...new Set(named)].filter((provider) => kinds.has(provider)).toSorted();
    if (providers.length === 0) continue;
    const key = providers.join('/');
    const set = sets.get(key) ?? { providers, models: [] };
    set.models.push(name);
    sets.set(key, set);
  }
  return [...sets.values()].map(({ providers, models }) => ({
    models,
    ...ceilingOfProviders(known, providers, kinds),
  }));
}

function ceilingOfProviders(
  known: KnownIncidents,
  providers: readonly string[],
  kinds: ReadonlyMap<string, string>,
): Omit<OutageCeiling, 'models'> {
  const unknown: string[] = [];
  const own = new Map<string, string>();
  for (const provider of providers) {
    const kind = kinds.get(provider) ?? '';
    const service = known.serviceOf(kind);
    if (service === null) unknown.push(provider);
    else own.set(service, providerOf(kind)?.name ?? kind);
  }
  const services = [...own.keys()];
  const periods = services.length === 0 ? [] : commonOutages(known, services);
  const least = periods.map(({ availability }) => availability).toSorted((a, b) => a - b)[0];
  return {
    known: [...own.values()],
    unknown,
    periods,
    ceiling: least ?? null,
    additions: additionsTo(known, services, periods),
  };
}

function commonOutages(known: KnownIncidents, services: readonly string[]): readonly CommonOutage[] {
  return known.periods.flatMap((each) => {
    const down = knownDownTimes(each, services);
    if (down === null) return [];
    const { allDownMs, availability } = ceilingOf(down, services);
    return [
      {
        days: periodText(down.period),
        minutes: Math.round((down.period.endMs - down.period.startMs) / MINUTE_MS),
        // Less than a minute is not none.
        allDownMinutes: allDownMs === 0 ? 0 : Math.max(1, Math.round(allDownMs / MINUTE_MS)),
        availability,
      },
    ];
  });
}

// Resellers fail with those whose models they sell, so none of them is proposed.
function additionsTo(
  known: KnownIncidents,
  services: readonly string[],
  periods: readonly CommonOutage[],
): readonly string[] {
  if (services.length === 0 || periods.every(({ allDownMinutes }) => allDownMinutes === 0)) return [];
  const watched = new Set(known.periods.flatMap((each) => [...each.services.keys()]));
  return [...watched].flatMap((service) => {
    const kind = known.kindOf(service);
    if (kind === null || known.resells(kind) || services.includes(service)) return [];
    const outages = commonOutages(known, [...services, service]);
    const name = providerOf(kind)?.name ?? kind;
    return outages.length > 0 && outages.every(({ allDownMinutes }) => allDownMinutes === 0) ? [name] : [];
  });
}
