import type { RefusalType, Wire } from '../quick/wires.ts';

/**
 * A history before it happens: plain data, drawn from a seed or read from a file, that decides everything that comes from
 * outside. Run twice it gives the same trace. Times are milliseconds from its start.
 */
export interface HistoryScript {
  /** Where it came from; also the seed of all chance that is left open here. */
  readonly seed: number;
  readonly providers: readonly ScriptProvider[];
  readonly models: readonly ScriptModel[];
  readonly failover: ScriptFailover;
  readonly faults: readonly ScriptFault[];
  readonly requests: readonly ScriptRequest[];
  readonly acts: readonly ScriptAct[];
  /** Requests, this far apart, after everything has been well for long: who recovered must get traffic again. */
  readonly calm: { readonly requests: number; readonly everyMs: number } | null;
}

/** A provider; its name is `p` and its position. */
export interface ScriptProvider {
  readonly wire: Wire;
  readonly keys: number;
  /** Providers of one variant answer alike; see quick/texts.ts. */
  readonly variant: number;
  readonly headMs: number;
  /** Between two events of a stream. */
  readonly gapMs: number;
  readonly pieceChars: number;
  /** Whether it goes on with a last message of the assistant, or refuses one. */
  readonly prefill: boolean;
}

/** A public model. */
export interface ScriptModel {
  readonly name: string;
  readonly strategy: 'ordered' | 'weighted';
  /** Positions of providers. */
  readonly targets: readonly number[];
  readonly fallbacks: readonly string[];
  readonly resume: 'resume' | 'restart-only-if-nothing-sent' | 'error';
  readonly spareShare: number;
  readonly hedgeAfterMs: number | null;
}

/** The options of failover that a history has for all models. */
export interface ScriptFailover {
  readonly consecutiveFailures: number;
  readonly openMs: number;
  readonly openMaxMs: number;
  readonly closeAfterSuccesses: number;
  readonly rampMs: number;
  readonly retryShare: number;
  readonly retryMinimum: number;
  /** Null: no probes. */
  readonly probeEveryMs: number | null;
  /** Most calls at once per target to begin with; null: no limit. */
  readonly concurrencyMin: number | null;
}

/** A time in which a provider, or one of its keys, answers some of its calls badly. */
export interface ScriptFault {
  readonly provider: number;
  /** Null: all of its keys. */
  readonly key: number | null;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly share: number;
  readonly fault: Fault;
}

type Bare<Type> = Type extends string ? { readonly type: Type } : never;

/** What a provider does instead of answering well. */
export type Fault =
  | Bare<'refuse' | 'reset' | 'hang' | 'error-first' | 'empty' | 'html' | 'garbage'>
  | Bare<'duplicate' | 'no-finish' | 'odd-finish'>
  /** The head, or the first content, comes this late. */
  | { readonly type: 'late-head'; readonly ms: number }
  | { readonly type: 'slow'; readonly ms: number }
  /** Each event comes in two halves with this much between. */
  | { readonly type: 'dribble'; readonly ms: number }
  /** The answer stops at this part (0 to 1) of its bytes or events. */
  | { readonly type: 'cut'; readonly at: number; readonly by: 'byte' | 'event'; readonly how: CutHow }
  | {
      readonly type: 'status';
      readonly status: number;
      readonly refusal: RefusalType;
      /** What it says about coming back; null: nothing. */
      readonly retryAfterMs: number | null;
      readonly told: 'retry-after' | 'retry-after-ms' | 'reset';
    };

/** How a stream is cut: the connection closes early, is reset, ends as if whole, hangs, or an error is told. */
export type CutHow = 'truncated' | 'reset' | 'end' | 'hang' | 'error';

/** A request of a client; its number in all messages is `id`, which stays when others are dropped. */
export interface ScriptRequest {
  readonly id: number;
  readonly atMs: number;
  readonly surface: 'chat' | 'messages';
  /** A public name, or `p0/x` for a target itself. */
  readonly model: string;
  readonly stream: boolean;
  readonly prompt: number;
  /** Whether the caller's key may use the model `m` only. */
  readonly limited: boolean;
  readonly fallbackOff: boolean;
  /** A policy of its own; null leaves it to the model. */
  readonly resume: ScriptModel['resume'] | null;
  /** Whether it is at fault itself: every provider refuses it. */
  readonly bad: boolean;
  readonly timeoutMs: number | null;
  readonly leaveAfterMs: number | null;
  /** Stops reading after so long, for so long. */
  readonly block: { readonly afterMs: number; readonly forMs: number } | null;
}

/** What the operator and the world do. */
export type ScriptAct =
  | { readonly type: 'reload'; readonly atMs: number; readonly change: ReloadChange }
  /** A configuration that is wrong. */
  | { readonly type: 'bad-reload'; readonly atMs: number }
  | { readonly type: 'wall'; readonly atMs: number; readonly byMs: number };

/** What a new configuration changes; changes add up. */
export type ReloadChange =
  | { readonly type: 'nothing' }
  | { readonly type: 'remove-key'; readonly provider: number }
  | { readonly type: 'remove-target'; readonly provider: number }
  | { readonly type: 'reverse' };

/** The only model of every provider. */
export const UPSTREAM_MODEL = 'x';
/** The limits that every model of a history has. */
export const TIMEOUTS = {
  first_byte_ms: 3_000,
  first_token_ms: 4_000,
  idle_ms: 3_000,
  answer_ms: 5_000,
  total_ms: 90_000,
};

/** Name of a provider by its position. */
export function providerName(position: number): string {
  return `p${position}`;
}

/** Address of a provider's only target. */
export function targetName(position: number): string {
  return `${providerName(position)}/${UPSTREAM_MODEL}`;
}
