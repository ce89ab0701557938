import { parseArgs } from 'node:util';
import { REPLAY_MODES, type ReplayMode } from '../../src/drill/replay/index.ts';

/** Traces by the names that are typed. */
export const TRACES: { readonly [name: string]: string } = {
  azure_conv: 'azure_2023_conv_part1.csv',
  azure_code: 'azure_2023_code_part1.csv',
  mooncake: 'mooncake_conversation_part1.jsonl',
  mooncake_synthetic: 'mooncake_synthetic.jsonl',
  ragpulse: 'ragpulse_sessions_days1-5.csv',
  servegen: 'servegen_client_rates_week1.csv',
};

/** Files of incidents, each for the periods that it covers. */
export const INCIDENT_FILES = ['status_page_incidents_2021-02_2024-02.csv', 'status_incidents_2026-05.csv'];

export interface Options {
  readonly providers: readonly string[] | null;
  readonly period: string;
  readonly mode: ReplayMode;
  readonly trace: string;
  readonly seed: number;
  readonly requests: number;
  readonly perMinute: number;
  readonly brownouts: number;
  readonly deadlineS: number;
  /** Whether the figures go into bench/RESULTS.md. */
  readonly write: boolean;
}

export const USAGE = `Usage: npm run bench:incidents -- [options]

  --providers A,B,C     services to fail over between, the first preferred; default all of the file
  --period PERIOD       2023-07..2024-02, 2023-07-11..2024-02-29 or 2026-05 (default)
  --mode MODE           ${REPLAY_MODES.join(' or ')} (default ${REPLAY_MODES[0]})
  --trace NAME          ${Object.keys(TRACES).join(', ')} or ordinary (default azure_conv)
  --requests N          requests that are counted, about (default 20000)
  --per-minute N        requests in each simulated minute (default 30)
  --brownouts N         unannounced brownouts of each service in 30 days (default 9)
  --deadline-s N        seconds that a caller waits (default 120)
  --seed N              same seed, same figures (default 1)
  --no-write            print only, leave bench/RESULTS.md as it is`;

/** Reads the command line; a string is what is wrong with it. */
export function readOptions(args: readonly string[]): Options | string {
  const values = parsed(args);
  if (typeof values === 'string') return values;
  const mode = REPLAY_MODES.find((each) => each === (values.mode ?? REPLAY_MODES[0]));
  if (mode === undefined) return `--mode takes ${REPLAY_MODES.join(' or ')}.`;
  const trace = values.trace ?? 'azure_conv';
  if (trace !== 'ordinary' && !Object.hasOwn(TRACES, trace))
    return `--trace takes ${Object.keys(TRACES).join(', ')} or ordinary.`;
  const numbers = numbersOf(values);
  const wrong = Object.entries(numbers).find(([, value]) => !Number.isInteger(value) || value < 0);
  if (wrong !== undefined) return `${wrong[0]} must be a whole number from 0.`;
  if (Math.min(numbers.requests, numbers.perMinute, numbers.deadlineS) < 1)
    return 'requests, per-minute and deadline-s must be 1 or more.';
  return {
    providers: values.providers?.split(',').map((name) => name.trim()) ?? null,
    period: values.period ?? '2026-05',
    mode,
    trace,
    ...numbers,
    write: values['no-write'] !== true,
  };
}

type Numbers = Pick<Options, 'seed' | 'requests' | 'perMinute' | 'brownouts' | 'deadlineS'>;

function numbersOf(values: Values): Numbers {
  return {
    seed: Number(values.seed ?? 1),
    requests: Number(values.requests ?? 20_000),
    perMinute: Number(values['per-minute'] ?? 30),
    brownouts: Number(values.brownouts ?? 9),
    deadlineS: Number(values['deadline-s'] ?? 120),
  };
}

type Values = ReturnType<typeof parse>;

function parsed(args: readonly string[]): Values | string {
  try {
    return parse(args);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  return parseArgs({
    args: [...args],
    options: {
      providers: text,
      period: text,
      mode: text,
      trace: text,
      requests: text,
      'per-minute': text,
      brownouts: text,
      'deadline-s': text,
      seed: text,
      'no-write': { type: 'boolean' },
    },
  }).values;
}
