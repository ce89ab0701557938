import { parseArgs } from 'node:util';

/** The parts of the benchmark, each of which can run alone. */
export const GROUPS = ['json', 'sse', 'translated', 'latency', 'memory', 'cold'] as const;
export type GroupName = (typeof GROUPS)[number];

/** What is measured: this gateway and the two references. */
export const VARIANTS = ['nginx', 'gateway', 'portkey'] as const;
/** Another build of this gateway beside it, where one is named: what a change costs is seen in one run only. */
export const BEFORE = 'before';
export type VariantName = (typeof VARIANTS)[number] | typeof BEFORE;

export interface Options {
  readonly mode: 'quick' | 'full';
  readonly groups: readonly GroupName[];
  readonly variants: readonly VariantName[];
  /** The load to profile instead of measuring; null for a measurement. */
  readonly profile: string | null;
  readonly top: number;
  readonly build: boolean;
  /** Folder of a checkout whose built package is measured beside this one; null: none. */
  readonly against: string | null;
}

export const USAGE = `Usage: npm run bench -- [options]

  --quick               about 3 minutes instead of about 12: shorter slices, fewer rounds
  --only GROUPS         some of: ${GROUPS.join(', ')}
  --variant VARIANTS    some of: ${VARIANTS.join(', ')}
  --profile LOAD        profile the gateway under one load (openai-json, openai-paced, openai-burst, anthropic-json,
                        anthropic-paced, gemini-json, gemini-paced) and print where its time goes
  --top N               functions that the profile lists (default 25)
  --against FOLDER      measure the package that is built in another checkout beside this one
  --no-build            measure dist/ as it is`;

/** Reads the command line; a string is what is wrong with it. */
export function readOptions(args: readonly string[]): Options | string {
  const values = parsed(args);
  if (typeof values === 'string') return values;
  const groups = chosen(values.only, GROUPS);
  const variants = chosen(values.variant, VARIANTS);
  if (groups === null) return `--only takes some of ${GROUPS.join(', ')}.`;
  if (variants === null) return `--variant takes some of ${VARIANTS.join(', ')}.`;
  return {
    mode: values.quick === true ? 'quick' : 'full',
    groups,
    variants: values.against === undefined ? variants : [...variants, BEFORE],
    against: values.against ?? null,
    profile: values.profile ?? null,
    top: Number(values.top ?? 25),
    build: values['no-build'] !== true,
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
  return parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean' },
      only: { type: 'string' },
      variant: { type: 'string' },
      profile: { type: 'string' },
      top: { type: 'string' },
      'no-build': { type: 'boolean' },
      against: { type: 'string' },
    },
  }).values;
}

function chosen<Name extends string>(
  text: string | undefined,
  known: readonly Name[],
): readonly Name[] | null {
  if (text === undefined) return known;
  const names = text.split(',').map((name) => name.trim());
  const found = known.filter((name) => names.includes(name));
  return found.length === names.length ? found : null;
}
