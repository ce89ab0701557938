/** Everything that happens to a queue and its answers, as plain data. Times are milliseconds from the start. */
export interface DurableScript {
  readonly seed: number;
  readonly queue: ScriptQueue;
  readonly disk: ScriptDisk;
  readonly jobs: readonly ScriptJob[];
  readonly requests: readonly ScriptAsked[];
  readonly storeFaults: readonly ScriptStoreFault[];
  readonly hooks: ScriptHooks;
  readonly acts: readonly ScriptEnd[];
  /** When a second worker starts on the same store; null where there is none. */
  readonly secondAtMs: number | null;
}

export interface ScriptQueue {
  readonly concurrency: number;
  readonly attemptsMax: number;
  readonly leaseMs: number;
  readonly retryBaseMs: number;
  readonly retryMaxMs: number;
  readonly webhookGiveUpMs: number;
}

export interface ScriptDisk {
  /**
   * What a power cut takes of the writes that nobody waited for: the last of them all, as a log that is cut off does; or of
   * each row the last of its own, which is all that the interface promises.
   */
  readonly loses: 'tail' | 'rows';
  /** Longest time for a call to arrive, and again for its answer. */
  readonly latencyMs: number;
}

/** A job that a client posts. */
export interface ScriptJob {
  readonly atMs: number;
  readonly orderKey: string | null;
  readonly webhook: boolean;
  readonly ttlMs: number;
  /** What its runs come to, in their order; the last one is repeated. */
  readonly runs: readonly ScriptRun[];
  /** So long after its acceptance the client cancels it; null never. */
  readonly cancelAfterMs: number | null;
}

/** `dies`: it takes its process down with it. */
export interface ScriptRun {
  readonly type: 'answers' | 'fails' | 'refused' | 'barred' | 'dies';
  readonly afterMs: number;
}

/** A request with an idempotency key. */
export interface ScriptAsked {
  readonly atMs: number;
  readonly key: string;
  /** Which of the bodies that are asked with this key. */
  readonly body: number;
  readonly leavesAfterMs: number | null;
  /** The answer is kept also when the client leaves. */
  readonly background: boolean;
  /** What serving it comes to, where it is the first. */
  readonly serve: ScriptServe;
}

/** `breaks`: a stream that is cut; `fails`: a status that may pass. */
export interface ScriptServe {
  readonly type: 'answers' | 'streams' | 'breaks' | 'fails' | 'invalid';
  readonly headMs: number;
  readonly pieces: number;
  readonly gapMs: number;
}

/** `doubt`: it is done, and the answer is an error all the same. `slow`: it is done late. */
export interface ScriptStoreFault {
  readonly type: 'fails' | 'doubt' | 'slow';
  readonly part: 'queue' | 'answers';
  readonly share: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Shares of the news that a receiver refuses, and that it takes without its answer coming back. */
export interface ScriptHooks {
  readonly refuses: number;
  readonly unheard: number;
}

/** How a process ends. `kill`: at once, and what was written stays. `power`: the machine too. `drain`: it is closed. */
export type ScriptEnd =
  | { readonly type: 'kill' | 'power'; readonly atMs: number; readonly downMs: number }
  | { readonly type: 'drain'; readonly atMs: number; readonly downMs: number; readonly graceMs: number };
