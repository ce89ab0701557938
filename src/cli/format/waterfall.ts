import type { AttemptAnswer, RequestAnswer } from '../admin/answers.ts';
import type { AttemptPurpose } from '../../spec/attempt.ts';
import { harmless, paint } from '../terminal.ts';
import { duration } from './amount.ts';
import { table } from './table.ts';

const BAR_COLUMNS = 32;

/** The attempts of a request against its time: when each began, how long it took, what came of it. */
export function waterfall(request: Pick<RequestAnswer, 'started_at' | 'duration_ms' | 'attempts'>): string {
  const { attempts } = request;
  if (attempts.length === 0) return 'No provider was called.';
  const beganMs = Date.parse(request.started_at);
  const told = attempts.some(({ purpose }) => purpose !== 'first');
  return table(
    attempts.map((attempt) => [
      `${attempt.number}.`,
      harmless(attempt.target),
      ...(told ? [purposeWords(attempt)] : []),
      bar(attempt, Date.parse(attempt.started_at) - beganMs, request.duration_ms),
      duration(attempt.duration_ms),
      outcomeWords(attempt),
    ]),
  );
}

/** A bar of fixed width: `░` until the attempt began, `▒` while it waited for its first token, `█` from then on. */
export function bar(
  attempt: Pick<AttemptAnswer, 'duration_ms' | 'first_token_ms' | 'outcome'>,
  offsetMs: number,
  totalMs: number,
): string {
  const column = (ms: number): number =>
    Math.min(BAR_COLUMNS, Math.max(0, Math.round((ms / Math.max(totalMs, 1)) * BAR_COLUMNS)));
  const start = Math.min(column(offsetMs), BAR_COLUMNS - 1);
  // Even the shortest attempt is seen.
  const end = Math.max(start + 1, column(offsetMs + attempt.duration_ms));
  const spoke = attempt.first_token_ms === null ? end : column(offsetMs + attempt.first_token_ms);
  const first = Math.min(Math.max(start, spoke), end);
  const text = '▒'.repeat(first - start) + '█'.repeat(end - first);
  const coloured = paint(attempt.outcome === 'answered' ? 'green' : 'red', text);
  return ' '.repeat(start) + coloured + ' '.repeat(BAR_COLUMNS - end);
}

// Of the first call nobody asks why it was made.
const PURPOSE_WORDS: { readonly [purpose in AttemptPurpose]: string } = {
  first: '',
  'other-key': 'other key',
  failover: 'failover',
  repeat: 'once more',
  resume: 'went on',
  hedge: 'hedge',
};

function purposeWords({ purpose, resume }: AttemptAnswer): string {
  return paint('dim', PURPOSE_WORDS[purpose] + (resume === null ? '' : ` by ${resume}`));
}

function outcomeWords({ outcome, error }: AttemptAnswer): string {
  if (outcome === 'answered' || error === null) return 'answered';
  const status = error.status === null ? '' : `, status ${error.status}`;
  const late = error.after_content ? ', after content was sent' : '';
  // Whoever looks for the cause must not take a drill for an outage.
  const drill = /^drill: [^:]+(?::\d+)?/.exec(error.message)?.[0];
  return `failed: ${error.kind}${status}${late}${drill === undefined ? '' : ` (${drill})`}`;
}
