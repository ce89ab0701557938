import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { downTimes } from '../src/drill/replay/ceiling.ts';
import { readIncidents } from '../src/drill/replay/incidents.ts';
import { parsePeriod } from '../src/drill/replay/period.ts';
import { ROOT } from './tool.ts';

// Writes what `bellwether doctor` knows about the past outages of providers, from files of announced incidents:
// `node_modules/.bin/node scripts/import-incidents.ts [FOLDER]`.
const folder = process.argv[2] ?? path.join(ROOT, '..', 'shared', 'data', 'incidents');

/** Kinds of providers, with the name of their service in the files. */
const SERVICES: { readonly [kind: string]: string } = {
  openai: 'openai_api',
  anthropic: 'anthropic_api',
  gemini: 'google_gemini_api',
  deepseek: 'deepseek_api',
  mistral: 'mistral_api',
  xai: 'xai_api',
  groq: 'groq',
  cerebras: 'cerebras',
  together: 'together_ai',
  fireworks: 'fireworks_ai',
  openrouter: 'openrouter',
};

/** Kinds that pass on to other companies' models: they cannot make others independent of those. */
const RESELLERS = ['openrouter'];

/** The files, each with the list that names every service that was watched, and since when where it says so. */
const FILES = [
  { file: 'status_page_incidents_2021-02_2024-02.csv', watched: 'daily_outage_minutes_2021-02_2024-02.csv' },
  { file: 'status_incidents_2026-05.csv', watched: 'status_month_summary_2026-05.csv' },
] as const;

const read = (file: string): string => readFileSync(path.join(folder, file), 'utf8');

const periods = FILES.map(({ file, watched }) => {
  const { incidents, period } = readIncidents(file, read(file));
  const since = watchedSince(read(watched), period.startMs);
  const own = [...since.keys()];
  const down = downTimes(incidents, own, period).byService;
  return {
    start: day(period.startMs),
    end: day(period.endMs),
    services: Object.fromEntries(
      own.map((service) => [
        service,
        {
          since: day(since.get(service) ?? period.startMs),
          // Start and length of each outage in seconds, the first from the start of the period, one after the other.
          down: (down.get(service) ?? []).flatMap(({ startMs, endMs }) => [
            Math.round((startMs - period.startMs) / 1000),
            Math.round((endMs - startMs) / 1000),
          ]),
        },
      ]),
    ),
  };
});

const target = path.join(ROOT, 'src', 'drill', 'replay', 'known-incidents.json');
const text = `${JSON.stringify({ services: SERVICES, resellers: RESELLERS, periods })}\n`;
writeFileSync(target, text);
console.log(
  `Outages of ${Object.keys(SERVICES).length} services written: ${Math.round(text.length / 1024)} KB.`,
);

// The services of the table that some kind of provider has, by the first day with a row where the table has days.
function watchedSince(table: string, startMs: number): ReadonlyMap<string, number> {
  const [head = '', ...lines] = table.trim().split('\n');
  const columns = head.split(',');
  const dated = columns.includes('date');
  const found = new Map<string, number>();
  for (const line of lines) {
    const cells = line.split(',');
    const service = cells[columns.indexOf('service')] ?? '';
    if (!Object.values(SERVICES).includes(service) || found.has(service)) continue;
    found.set(service, dated ? parsePeriod(cells[columns.indexOf('date')] ?? '').startMs : startMs);
  }
  return found;
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
