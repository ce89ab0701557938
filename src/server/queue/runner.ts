import { bytesToText, textToBytes } from '../../base/bytes.ts';
import { asString, fieldAt, parseJsonOr } from '../../base/json.ts';
import type { InferenceCall } from '../../gateway/call.ts';
import type { Job, JobAnswer } from '../../spec/queue.ts';
import type { Identification } from '../../store/store.ts';
import { API_SURFACES } from './api-surfaces.ts';
import { CollectingSink, type CollectedAnswer } from './collecting-sink.ts';
import { KeptHeaders } from './kept-headers.ts';

/** What running queued requests needs of the gateway. */
export interface RunnerPorts {
  /** Serves one call to its one final answer. Never rejects. */
  serve(call: InferenceCall): Promise<void>;
  /** Who a key is and whether it is in force now, by its id. */
  identifyById(keyId: string): Identification;
}

/** What a run came to. */
export type RanJob =
  | { readonly type: 'answered'; readonly answer: JobAnswer }
  | {
      readonly type: 'failed';
      readonly status: number;
      readonly message: string;
      /** Whether the same request may succeed later. */
      readonly transient: boolean;
      readonly retryAfterMs: number | null;
    }
  | { readonly type: 'barred'; readonly message: string }
  | { readonly type: 'abandoned' };

/** A run under way. */
export interface RunningJob {
  readonly done: Promise<RanJob>;
  abandon(): void;
}

/**
 * Runs a queued request as an ordinary call of the key that queued it, as far as that key may still call: rights are those
 * of now, not of when it was queued.
 */
export function runJob(ports: RunnerPorts, job: Job, body: string): RunningJob {
  const found = ports.identifyById(job.keyId);
  if (found.type === 'refused') {
    return { done: Promise.resolve({ type: 'barred', message: found.message }), abandon: () => {} };
  }
  const { promise, resolve } = Promise.withResolvers<RanJob>();
  const sink = new CollectingSink((answer) => resolve(answer === null ? BROKEN_OFF : ranTo(answer)));
  void ports
    .serve({
      surface: API_SURFACES[job.api],
      path: {},
      body: textToBytes(body),
      client: new KeptHeaders(job.headers),
      caller: found.caller,
      sink,
    })
    // A call that ends without an answer would be held for ever.
    .then(() => resolve(BROKEN_OFF));
  return {
    done: promise,
    abandon: () => {
      resolve({ type: 'abandoned' });
      sink.leave();
    },
  };
}

const BROKEN_OFF: RanJob = {
  type: 'failed',
  status: 502,
  message: 'The answer broke off.',
  transient: true,
  retryAfterMs: null,
};

function ranTo({ status, headers, body }: CollectedAnswer): RanJob {
  const text = bytesToText(body);
  if (status >= 200 && status <= 299) {
    const contentType = valueOf(headers, 'content-type') ?? 'application/json';
    return { type: 'answered', answer: { status, contentType, body: text } };
  }
  const message = asString(fieldAt(parseJsonOr(text, null), 'error', 'message'));
  const retryAfterS = Number(valueOf(headers, 'retry-after') ?? Number.NaN);
  return {
    type: 'failed',
    status,
    message: message ?? `The request failed with the status ${status}.`,
    transient: isTransient(status),
    retryAfterMs: Number.isFinite(retryAfterS) ? Math.max(0, retryAfterS * 1_000) : null,
  };
}

/**
 * Whether what ended with this status may go well later: limits of rate, time-outs, and whatever is not the caller's fault.
 * Every kind of error has a status that tells this.
 */
export function isTransient(status: number): boolean {
  return status >= 500 || status === 408 || status === 429 || status === 499;
}

function valueOf(flat: readonly string[], name: string): string | undefined {
  for (let at = 0; at + 1 < flat.length; at += 2) {
    if (flat[at]?.toLowerCase() === name) return flat[at + 1];
  }
  return undefined;
}
