import { formatUsd, nanodollars } from '../ledger/money.ts';
import type { Warning } from '../spec/generate.ts';
import type { FlatHeaders } from './call.ts';
import type { RequestRun } from './request-run.ts';

/** What an answer's headers tell about where it came from. */
export interface AnswerSource {
  /** Target that answered, null where none did. */
  readonly target: string | null;
  readonly upstreamRequestId: string | null;
  readonly attempts: number;
  readonly warnings: readonly Warning[];
  /** Null where it is unknown, or not known yet. */
  readonly costNanodollars: bigint | null;
}

/** Header, or trailer of a stream, in which the cost is told. */
export const COST_HEADER = 'x-bellwether-cost-usd';

/** The gateway's own headers of an answer. */
export function answerHeaders(run: RequestRun, source: AnswerSource): string[] {
  const { id, call, admitted } = run;
  const headers = ['x-bellwether-request-id', id, call.surface.requestIdHeader, id];
  if (source.target !== null) {
    const slash = source.target.indexOf('/');
    headers.push('x-bellwether-provider', source.target.slice(0, slash));
    headers.push('x-bellwether-model', printable(source.target.slice(slash + 1)));
    // Nobody may take a made-up answer for a model's.
    const provider = run.snapshot.providers.get(source.target.slice(0, slash));
    if (provider !== undefined && provider.config.simulate !== null)
      headers.push('x-bellwether-simulated', 'true');
  }
  headers.push('x-bellwether-attempts', String(source.attempts));
  if (admitted !== null) headers.push('x-bellwether-route', routeWords(run, source.attempts));
  if (source.costNanodollars !== null) headers.push(...costTrailer(source.costNanodollars));
  if (source.upstreamRequestId !== null) {
    headers.push('x-bellwether-upstream-request-id', printable(source.upstreamRequestId));
  }
  if (source.warnings.length > 0) headers.push('x-bellwether-warnings', warningWords(source.warnings));
  return headers;
}

/** The cost as a header or trailer. */
export function costTrailer(cost: bigint): FlatHeaders {
  return [COST_HEADER, formatUsd(nanodollars(cost))];
}

/** What is known only at the end of a stream: what it cost, and whether more than one target made it. */
export function streamTrailers({ attempts }: RequestRun, cost: bigint | null): FlatHeaders {
  const resumed = attempts.filter(
    ({ resume, outcome }) => resume !== null && (outcome.type === 'answered' || outcome.committed),
  );
  if (resumed.length === 0) return cost === null ? [] : costTrailer(cost);
  const words = resumed.map(({ target, resume }) => `${target} (${resume})`).join(', ');
  return [
    ...(cost === null ? [] : costTrailer(cost)),
    'x-bellwether-attempts',
    String(attempts.length),
    'x-bellwether-resumed',
    printable(words).slice(0, 500),
  ];
}

/** Why it went there: the plan's reason, whom that passed over, and what failed before. */
export function routeWords({ admitted, attempts, firstCalled }: RequestRun, attemptCount: number): string {
  if (admitted === null) return 'not planned';
  const { reason, candidates } = admitted.plan;
  const first = candidates[0];
  // What most requests are.
  if (attemptCount < 2 && (firstCalled === null || firstCalled === first?.address)) return reason;
  const passed =
    first === undefined || firstCalled === null || firstCalled === first.address
      ? []
      : [`${first.address} passed over for how it stands`];
  const failed =
    attemptCount < 2
      ? []
      : attempts.flatMap(({ target, outcome }) =>
          outcome.type === 'failed' ? [`${target} failed (${outcome.kind})`] : [],
        );
  if (passed.length + failed.length === 0) return reason;
  return printable([reason, ...passed, ...failed].join('; ')).slice(0, 500);
}

function warningWords(warnings: readonly Warning[]): string {
  return printable(warnings.map(({ code, field }) => `${code}:${field}`).join(', ')).slice(0, 1000);
}

// What a header may carry: visible ASCII and spaces. Model names and provider ids come from outside.
function printable(text: string): string {
  return text.replaceAll(/[^\u0020-\u007e]/g, '?');
}
