import { readCsv, type CsvRow, type CsvTable } from './csv.ts';
import { SCOPE_CLASSES, type Impact, type Incident, type IncidentFile, type ScopeClass } from './incident.ts';
import type { Interval } from './intervals.ts';
import { monthOf, parsePeriod } from './period.ts';

/** What may be chosen when a file is read. */
export interface ReadOptions {
  /**
   * Minutes that an incident is taken to have lasted that ends when it starts, or before as some rows say: a notice that
   * was posted afterwards. 0 leaves those rows out. Default 10.
   */
  readonly unknownMinutes?: number;
}

/**
 * Reads a file of incidents of either form: one row per announced incident, told apart by the head. Times are UTC. An empty
 * end means that it went on to the end of its month. Planned maintenance is left out, and in files that say so
 * (`hits_api`), what did not touch the programming interface. Throws an `Error` with file and line for what cannot be read.
 */
export function readIncidents(file: string, text: string, options: ReadOptions = {}): IncidentFile {
  const table = readCsv(file, text);
  const form = FORMS.find(({ mark }) => table.columns.includes(mark));
  if (form === undefined) {
    throw new Error(
      `${file}, line 1: this is no list of incidents; its head must have a column ${FORMS.map(({ mark }) => mark).join(' or ')}`,
    );
  }
  const unknownMs = (options.unknownMinutes ?? 10) * 60_000;
  const incidents = table.rows
    .flatMap((row) => form.read(row, table))
    .map((incident) =>
      incident.endMs > incident.startMs ? incident : { ...incident, endMs: incident.startMs + unknownMs },
    )
    .filter(({ startMs, endMs }) => endMs > startMs)
    .toSorted((a, b) => a.startMs - b.startMs);
  const services = [...new Set(table.rows.map((row) => form.service(row, table)))].toSorted();
  return { incidents, services, period: periodOf(file, incidents) };
}

interface Form {
  /** The column by which it is known. */
  readonly mark: string;
  service(row: CsvRow, table: CsvTable): string;
  read(row: CsvRow, table: CsvTable): readonly Incident[];
}

const STATUS_PAGES: Form = {
  mark: 'hits_api',
  // The columns name services; a company without one for its API offers nothing else.
  service: (row, { columns }) => {
    const provider = row.cell('provider');
    return columns.includes(`${provider}_api`) ? `${provider}_api` : provider;
  },
  read: (row, table) => {
    const impact = IMPACT_LEVELS[row.cell('impact_level')];
    if (impact === undefined)
      throw row.wrong(`impact_level must be 0 to 4, not "${row.cell('impact_level')}"`);
    if (impact === 'maintenance' || row.cell('hits_api') !== '1') return [];
    return [incidentOf(row, STATUS_PAGES.service(row, table), impact)];
  },
};

const SERVICES: Form = {
  mark: 'service',
  service: (row) => row.cell('service'),
  read: (row) => {
    const impact = IMPACT_NAMES[row.cell('impact')];
    if (impact === undefined) throw row.wrong(`impact must be one of minor, major, critical, none or empty`);
    if (impact === 'maintenance') return [];
    return [incidentOf(row, row.cell('service'), impact)];
  },
};

const FORMS: readonly Form[] = [STATUS_PAGES, SERVICES];

const IMPACT_LEVELS: { readonly [level: string]: Impact | 'maintenance' } = {
  '0': 'none',
  '1': 'minor',
  '2': 'major',
  '3': 'critical',
  '4': 'maintenance',
};

const IMPACT_NAMES: { readonly [name: string]: Impact | 'maintenance' } = {
  '': 'unsaid',
  none: 'none',
  minor: 'minor',
  major: 'major',
  critical: 'critical',
  maintenance: 'maintenance',
};

function incidentOf(row: CsvRow, service: string, impact: Impact): Incident {
  if (service === '') throw row.wrong('the service has no name');
  const startMs = timeOf(row, 'start_utc');
  const endMs = row.cell('end_utc') === '' ? monthOf(startMs).endMs : timeOf(row, 'end_utc');
  return {
    service,
    id: row.cell('incident_id'),
    startMs,
    endMs,
    impact,
    scope: scopeOf(row),
    announced: true,
  };
}

function timeOf(row: CsvRow, column: string): number {
  const text = row.cell(column);
  const ms = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms))
    throw row.wrong(`${column} must be a time such as 2024-02-29T20:41:00Z, not "${text}"`);
  return ms;
}

function scopeOf(row: CsvRow): ScopeClass {
  const text = row.cell('scope_class');
  const scope = SCOPE_CLASSES.find((each) => each === text);
  if (scope === undefined)
    throw row.wrong(`scope_class must be one of ${SCOPE_CLASSES.join(', ')}, not "${text}"`);
  return scope;
}

// The file's name says which months it covers; else it is taken to cover what its incidents do.
function periodOf(file: string, incidents: readonly Incident[]): Interval {
  const [from, to = from] = /(\d{4}-\d{2})(?:_(\d{4}-\d{2}))?\.csv$/.exec(file)?.slice(1) ?? [];
  if (from !== undefined) return parsePeriod(`${from}..${to ?? from}`);
  const starts = incidents.map(({ startMs }) => startMs);
  const ends = incidents.map(({ endMs }) => endMs);
  if (incidents.length === 0) throw new Error(`${file}: no incident is in it`);
  return {
    startMs: starts.reduce((a, b) => Math.min(a, b)),
    endMs: ends.reduce((a, b) => Math.max(a, b)),
  };
}
