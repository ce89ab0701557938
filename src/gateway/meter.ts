import { UNKNOWN_USAGE, type Usage } from '../spec/usage.ts';
import { CHARS_PER_TOKEN } from './facts.ts';
import type { RequestRun } from './request-run.ts';

/** The usage to book: what the provider counted, with gaps filled by an estimate that says so. */
export function meteredUsage(run: RequestRun, reported: Usage | null, outputChars: number): Usage {
  if (reported !== null && reported.input !== null && reported.output !== null) return reported;
  const known = reported ?? UNKNOWN_USAGE;
  return {
    ...known,
    input: known.input ?? run.inputTokensEstimate(),
    output: known.output ?? Math.ceil(outputChars / CHARS_PER_TOKEN),
    source: 'estimated',
  };
}
