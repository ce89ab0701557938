import type { Attempt } from '../../spec/attempt.ts';
import type { RequestFinished } from '../../spec/event.ts';
import { UNKNOWN_USAGE, type Usage } from '../../spec/usage.ts';

/** Usage of an ordinary answer. */
const SAMPLE_USAGE: Usage = {
  ...UNKNOWN_USAGE,
  input: 1_200,
  cacheRead: 300,
  output: 450,
  reasoning: 50,
};

/** An attempt that answered; override what a test is about. */
export function sampleAttempt(changes: Partial<Attempt> = {}): Attempt {
  return {
    number: 1,
    target: 'openai/gpt-4.1',
    provider: 'openai',
    model: 'gpt-4.1',
    keyIndex: 0,
    purpose: 'first',
    resume: null,
    startedAtMs: 1_800_000_000_001,
    headMs: 180.5,
    firstTokenMs: 210.25,
    durationMs: 1_480.75,
    outcome: { type: 'answered', finish: { reason: 'stop', raw: 'stop' } },
    usage: SAMPLE_USAGE,
    costNanodollars: 6_450_000n,
    upstreamRequestId: 'req_abc',
    warnings: [],
    ...changes,
  };
}

/** An attempt that failed with a 503. */
export function sampleFailure(changes: Partial<Attempt> = {}): Attempt {
  return sampleAttempt({
    outcome: {
      type: 'failed',
      kind: 'upstream_overloaded',
      message: 'The provider answered 503.',
      status: 503,
      retryAfterMs: null,
      committed: false,
    },
    firstTokenMs: null,
    usage: null,
    costNanodollars: null,
    ...changes,
  });
}

/** The end of an ordinary request; override what a test is about. */
export function sampleFinished(changes: Partial<RequestFinished> = {}): RequestFinished {
  return {
    type: 'request-finished',
    requestId: 'req-1',
    startedAtMs: 1_800_000_000_000,
    durationMs: 1_500.5,
    overheadMs: 0.75,
    firstTokenMs: 211.5,
    protocol: 'openai-chat',
    operation: 'generate',
    model: 'gpt-4.1',
    modelKnown: true,
    keyId: 'key-1',
    tags: ['team:search'],
    stream: true,
    status: 200,
    error: null,
    attempts: [sampleAttempt()],
    target: 'openai/gpt-4.1',
    routeReason: 'first choice',
    finish: { reason: 'stop' },
    usage: SAMPLE_USAGE,
    costNanodollars: 6_450_000n,
    warnings: [],
    requestBytes: 2_048,
    answerBytes: 4_096,
    ...changes,
  };
}
