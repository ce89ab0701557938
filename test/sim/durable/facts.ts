import type { GatewayEvent } from '../../../src/spec/event.ts';
import type { Job } from '../../../src/spec/queue.ts';
import type { JobHold } from '../../../src/store/store.ts';
import type { LoggedLine } from '../../../src/testing/recording-log.ts';
import type { RecordingSink } from '../../../src/testing/recording-sink.ts';
import type { Violation } from '../history/history.ts';
import type { AnswerDisk } from './answer-disk.ts';
import type { JobRow, QueueDisk } from './queue-disk.ts';
import type { DurableScript, ScriptAsked, ScriptJob } from './script.ts';

/** A process, from its start to its end, as the checks see it. Times are milliseconds from the start of the history. */
export interface LifeFacts {
  readonly number: number;
  readonly lines: readonly LoggedLine[];
  readonly events: readonly GatewayEvent[];
  /** How it ended; null while it lives. */
  readonly ended: 'kill' | 'power' | 'drain' | null;
  /** Whether its questions for kept answers met a fault. */
  readonly answersFaulty: boolean;
  /** How long closing the queue took. */
  readonly queueTookMs: number;
}

/** A job that a client posted. `lost`: its process died before it said anything. */
export interface PostFacts {
  readonly script: ScriptJob;
  readonly life: number;
  readonly postedAtMs: number;
  state: 'waiting' | 'accepted' | 'refused' | 'lost';
  jobId: string | null;
  acceptedAtMs: number;
  cancel: 'no' | 'asked' | 'done';
  runs: number;
  /** Runs that were given back, and power cuts that may have taken the count of one. */
  excused: number;
}

/** A run of a job by the provider. */
export interface RunFacts {
  readonly post: PostFacts;
  readonly jobId: string;
  readonly expiresAtMs: number;
  readonly life: number;
  readonly atMs: number;
  ended: boolean;
}

/** A request with an idempotency key. */
export interface AskFacts {
  readonly script: ScriptAsked;
  readonly life: number;
  readonly sink: RecordingSink;
  outcome: 'waiting' | 'ran' | 'replayed' | 'left' | 'mismatch' | 'refused';
}

/** A request that was served and not answered from before. */
export interface ServingFacts {
  readonly ask: AskFacts;
  readonly life: number;
  /** The whole of what it says; its beginning is unlike that of any other. */
  readonly text: string;
  state: 'under way' | 'final' | 'passing';
}

/** News that reached their receiver. */
export interface NewsFacts {
  readonly webhookId: string;
  /** What was told, but for the time. */
  readonly told: string;
}

/** A history under way, as the checks see it. */
export interface DurableHistory {
  readonly script: DurableScript;
  readonly queue: QueueDisk;
  readonly answers: AnswerDisk;
  readonly lives: readonly LifeFacts[];
  readonly posts: readonly PostFacts[];
  readonly runs: readonly RunFacts[];
  readonly servings: readonly ServingFacts[];
  readonly news: readonly NewsFacts[];
  readonly asks: readonly AskFacts[];
  nowMs(): number;
  violate(id: string, what: string): void;
}

/** What a check wants to hear; each is called in the moment that it names. */
export interface DurableCheck {
  onLease?(job: Job, life: number): void;
  onSettle?(hold: JobHold, before: Job, after: JobRow): void;
  onRun?(run: RunFacts): void;
  onServing?(serving: ServingFacts): void;
  /** A client of a repeated request has what it gets. */
  onReplayed?(ask: AskFacts): void;
  onMismatch?(ask: AskFacts): void;
  /** A process was closed. */
  onDrained?(life: LifeFacts, graceMs: number): void;
  atEnd?(): void;
}

/** One thing that must always hold. */
export interface DurableInvariant {
  /** As in the list of invariants of the design. */
  readonly id: string;
  /** What must hold, in a sentence. */
  readonly says: string;
  check(history: DurableHistory): DurableCheck;
}

/** What came of a history. */
export interface DurableOutcome {
  readonly violations: readonly Violation[];
  readonly accepted: number;
  readonly lifetimes: number;
  readonly crashes: number;
  readonly drains: number;
  readonly virtualMs: number;
  /** Equal for equal histories. */
  readonly trace: string;
  /** What happened, line by line. */
  readonly story: readonly string[];
}
