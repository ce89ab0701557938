import type { IdempotencyConfig } from '../config/config.ts';
import type { AnswerKeeper, AskedOnce, Begun, FoundAnswer, KeptRequest } from '../gateway/answer-keeper.ts';
import type { Sink } from '../gateway/call.ts';
import type { Clock, Crypto, Log } from '../spec/ports.ts';
import type { AnswerStore, KeptAnswer } from '../store/store.ts';
import { AnswerCache } from './answer-cache.ts';
import { AnswerLookup, type LookedUp } from './answer-lookup.ts';
import { AnswerWriter, type AnswerWriterOptions } from './answer-writer.ts';
import { follow, replay } from './follower.ts';
import { keyProblem } from './key-header.ts';
import { Recording } from './recording.ts';

export interface AnswersOptions {
  readonly store: AnswerStore;
  readonly deletes: AnswerWriterOptions['deletes'];
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly log: Log;
  /** What the configuration in force says. */
  readonly config: () => IdempotencyConfig;
}

/** A call under way whose answer others may get too. */
interface Running {
  readonly fingerprint: string;
  readonly recording: Recording;
}

/**
 * Gives the same answer to the same request: from the call under way, from memory, or from the store, asked in this order.
 * Keys of different callers never meet: an entry goes by the digest of caller and key together.
 */
export class Answers implements AnswerKeeper {
  readonly #options: AnswersOptions;
  readonly #cache = new AnswerCache(MEMORY_BYTES_MAX);
  readonly #lookup: AnswerLookup;
  readonly #writer: AnswerWriter;
  readonly #running = new Map<string, Running>();
  readonly #looking = new Map<string, Promise<KeptAnswer | null>>();
  /** Requests under way whose answers are kept, with the callers whom they belong to. */
  readonly #held = new Map<string, string>();

  constructor(options: AnswersOptions) {
    const { store, deletes, clock, log, config } = options;
    this.#options = options;
    this.#lookup = new AnswerLookup({ store, clock, log });
    this.#writer = new AnswerWriter({
      store,
      deletes,
      clock,
      log,
      entriesMax: () => config().entriesMax,
    });
  }

  get once(): boolean {
    return this.#options.config().keepMs > 0;
  }

  async begin({ key, keyId, content, sink }: AskedOnce): Promise<Begun> {
    const problem = keyProblem(key);
    if (problem !== null) return { type: 'refused', kind: 'invalid_request', message: problem };
    const { crypto, clock } = this.#options;
    const id = `key:${crypto.sha256(`${keyId}\n${key}`)}`;
    const fingerprint = crypto.sha256(content);
    let lookedUp = false;
    for (;;) {
      const running = this.#running.get(id);
      if (running !== undefined) {
        const begun = await this.#join(running, fingerprint, sink);
        if (begun !== null) return begun;
        continue;
      }
      const kept = this.#cache.get(id, clock.nowMs());
      if (kept !== null) return given(kept, fingerprint, sink);
      if (lookedUp) return { type: 'run', sink: this.#record(id, keyId, fingerprint, sink) };
      lookedUp = true;
      const stored = await this.#lookUpOnce(id);
      if (stored !== null) return given(stored, fingerprint, sink);
    }
  }

  keep(sink: Sink, { requestId, keyId, keepMs }: KeptRequest): Sink {
    const recording = sink instanceof Recording ? sink : this.#newRecording(sink);
    recording.hold();
    this.#held.set(requestId, keyId);
    recording.whenEnded((ended) => {
      this.#held.delete(requestId);
      if (ended.head === null) return;
      this.#store({ id: answerId(requestId), keyId, fingerprint: '', answer: ended.finished() }, keepMs);
    });
    return recording;
  }

  async find(keyId: string, requestId: string): Promise<FoundAnswer> {
    const owner = this.#held.get(requestId);
    if (owner !== undefined) return { type: owner === keyId ? 'running' : 'unknown' };
    const nowMs = this.#options.clock.nowMs();
    const cached = this.#cache.get(answerId(requestId), nowMs);
    const looked: LookedUp =
      cached === null ? await this.#lookup.get(answerId(requestId)) : { type: 'kept', kept: cached };
    if (looked.type === 'unavailable') return { type: 'unavailable' };
    if (looked.type === 'none' || looked.kept.keyId !== keyId) return { type: 'unknown' };
    const { answer, expiresAtMs } = looked.kept;
    return answer === null || expiresAtMs <= nowMs ? { type: 'expired' } : { type: 'answer', answer };
  }

  /** Writes what waits to the store. */
  close(): Promise<void> {
    return this.#writer.close();
  }

  // Null: the call under way was given up, and this one may be the first.
  async #join({ recording, ...running }: Running, fingerprint: string, sink: Sink): Promise<Begun | null> {
    if (running.fingerprint !== fingerprint) return MISMATCH;
    if (recording.deserted) {
      await new Promise<void>((resolve) => {
        recording.whenEnded(() => resolve());
      });
      return null;
    }
    if (recording.outgrown) return TOO_LARGE;
    const followed = await follow(recording, sink);
    switch (followed.type) {
      case 'answered':
        return { type: 'replayed', status: followed.status, bytes: followed.bytes };
      case 'left':
        return { type: 'left' };
      case 'nothing':
        return null;
    }
  }

  // Requests of one key that come at once ask once.
  #lookUpOnce(id: string): Promise<KeptAnswer | null> {
    const under = this.#looking.get(id);
    if (under !== undefined) return under;
    const looking = this.#lookup.get(id).then((looked) => {
      this.#looking.delete(id);
      if (looked.type !== 'kept' || looked.kept.expiresAtMs <= this.#options.clock.nowMs()) return null;
      this.#cache.set(looked.kept, this.#options.config().entriesMax);
      return looked.kept;
    });
    this.#looking.set(id, looking);
    return looking;
  }

  // oxlint-disable-next-line max-params -- an entry and the client that it is for
  #record(id: string, keyId: string, fingerprint: string, sink: Sink): Recording {
    const recording = this.#newRecording(sink);
    this.#running.set(id, { fingerprint, recording });
    recording.whenEnded((ended) => {
      this.#running.delete(id);
      const { head, ending } = ended;
      if (head === null || ending !== 'whole' || !isFinal(head.status)) return;
      this.#store({ id, keyId, fingerprint, answer: ended.finished() }, this.#options.config().keepMs);
    });
    return recording;
  }

  #newRecording(owner: Sink): Recording {
    return new Recording({ owner, bytesMax: this.#options.config().answerBytesMax, room: this.#cache });
  }

  #store(kept: Omit<KeptAnswer, 'createdAtMs' | 'expiresAtMs'>, keepMs: number): void {
    const nowMs = this.#options.clock.nowMs();
    const whole: KeptAnswer = { ...kept, createdAtMs: nowMs, expiresAtMs: nowMs + keepMs };
    this.#cache.set(whole, this.#options.config().entriesMax);
    this.#writer.write(whole);
  }
}

/** Bytes that answers hold in memory, those under way included. */
const MEMORY_BYTES_MAX = 67_108_864;

function answerId(requestId: string): string {
  return `req:${requestId}`;
}

/**
 * Whether an answer would be the same again: success, and what is wrong with the request itself. What the gateway or a
 * provider could not do at that moment, and what rights or budgets did not allow then, is tried anew.
 */
function isFinal(status: number): boolean {
  return (status >= 200 && status <= 299) || FINAL_REFUSALS.has(status);
}

const FINAL_REFUSALS: ReadonlySet<number> = new Set([400, 413, 415, 422]);

function given({ fingerprint, answer }: KeptAnswer, asked: string, sink: Sink): Begun {
  if (fingerprint !== asked) return MISMATCH;
  if (answer === null) return TOO_LARGE;
  replay(answer, sink);
  return { type: 'replayed', status: answer.status, bytes: answer.body.length };
}

const MISMATCH: Begun = {
  type: 'refused',
  kind: 'idempotency_mismatch',
  message:
    'This Idempotency-Key was used before with another request. Repeat exactly that request, or use a new key for this one.',
};

const TOO_LARGE: Begun = {
  type: 'refused',
  kind: 'conflict',
  message:
    'A request with this Idempotency-Key was answered, but the answer was too large to be kept (idempotency.max_answer_bytes). ' +
    'Use a new key to run it again.',
};
