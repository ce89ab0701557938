import { ATTEMPT_PURPOSES, type Attempt, type AttemptPurpose } from '../../spec/attempt.ts';
import type { BoundCounter, MetricRegistry } from './registry.ts';

const HEDGE_OUTCOMES = ['won', 'lost', 'failed'] as const;
type HedgeOutcome = (typeof HEDGE_OUTCOMES)[number];

/** Counts attempts by why they were made and what that came to. */
export function attemptMetrics(registry: MetricRegistry): (attempt: Attempt) => void {
  const attempts = registry.counter(
    { name: 'ai_attempts_total', help: 'Calls to providers by why they were made.' },
    ['purpose'],
  );
  const resumes = registry.counter(
    {
      name: 'ai_resumes_total',
      help: 'Calls that went on with an answer that broke off, by how, and by what came of them: answered, or the kind of failure.',
    },
    ['method', 'outcome'],
  );
  const hedges = registry.counter(
    {
      name: 'ai_hedges_total',
      help: 'Second calls beside a slow one: won, lost to the first, or failed.',
    },
    ['outcome'],
  );
  const byPurpose = new Map<AttemptPurpose, BoundCounter>();
  for (const purpose of ATTEMPT_PURPOSES) byPurpose.set(purpose, attempts.of(purpose));
  // All are there from the start, so that their first increase is seen.
  for (const counter of byPurpose.values()) counter.add(0);
  for (const outcome of HEDGE_OUTCOMES) hedges.add([outcome], 0);
  return (attempt) => {
    const { purpose, resume, outcome } = attempt;
    byPurpose.get(purpose)?.add(1);
    if (resume !== null) resumes.add([resume, outcome.type === 'failed' ? outcome.kind : outcome.type], 1);
    if (purpose === 'hedge') hedges.add([hedgeOutcome(attempt)], 1);
  };
}

function hedgeOutcome({ outcome }: Attempt): HedgeOutcome {
  if (outcome.type === 'answered') return 'won';
  return outcome.kind === 'hedge_lost' ? 'lost' : 'failed';
}
