import type { FaultKind } from './fault.ts';

/**
 * The short names of faults, for configuration, the command line and magic model names. A number behind a colon sets the
 * one parameter that the fault has: `cut:5` cuts after five events, `slow:2000` waits two seconds, `rate-limit:20` says
 * `retry-after: 20`.
 */
export const FAULT_NAMES: { readonly [name: string]: ((parameter: number | null) => FaultKind) | undefined } =
  {
    down: () => ({ type: 'down' }),
    refused: () => ({ type: 'connection-refused' }),
    reset: () => ({ type: 'reset-before-head' }),
    hang: () => ({ type: 'hang-before-head' }),
    slow: (ms) => ({ type: 'slow-first-token', delayMs: ms ?? 5000 }),
    '400': () => ({ type: 'status', error: 'too-long' }),
    '401': () => ({ type: 'status', error: 'bad-key' }),
    '402': () => ({ type: 'status', error: 'no-credit' }),
    '403': () => ({ type: 'status', error: 'forbidden' }),
    '404': () => ({ type: 'status', error: 'no-model' }),
    '429': rateLimit,
    '500': () => ({ type: 'status', error: 'internal' }),
    '503': () => ({ type: 'status', error: 'unavailable' }),
    '504': () => ({ type: 'status', error: 'timeout' }),
    '529': () => ({ type: 'status', error: 'overloaded' }),
    'rate-limit': rateLimit,
    quota: () => ({ type: 'status', error: 'quota' }),
    overloaded: () => ({ type: 'status', error: 'overloaded' }),
    'hang-mid': (events) => ({ type: 'hang-mid-stream', afterEvents: events ?? 5 }),
    cut: (events) => ({ type: 'cut-mid-stream', afterEvents: events ?? 5 }),
    'reset-mid': (events) => ({ type: 'reset-mid-stream', afterEvents: events ?? 5 }),
    'error-mid': (events) => ({ type: 'error-mid-stream', afterEvents: events ?? 5 }),
    'error-in-200': () => ({ type: 'error-in-200' }),
    empty: () => ({ type: 'empty-completion' }),
    truncated: () => ({ type: 'truncated-json' }),
    html: () => ({ type: 'html-502' }),
    'empty-body': () => ({ type: 'empty-body' }),
    dribble: (ms) => ({ type: 'dribble', byteMs: ms ?? 200 }),
    'content-type': () => ({ type: 'wrong-content-type' }),
    'no-finish': () => ({ type: 'missing-finish' }),
    duplicate: () => ({ type: 'duplicate-events' }),
  };

/** The fault that a short name means (`cut`, `cut:5`); null where it means none. */
export function faultNamed(text: string): FaultKind | null {
  const match = /^([a-z0-9-]+)(?::(\d{1,6}))?$/.exec(text);
  const name = match?.[1] ?? '';
  const make = Object.hasOwn(FAULT_NAMES, name) ? FAULT_NAMES[name] : undefined;
  return make === undefined ? null : make(match?.[2] === undefined ? null : Number(match[2]));
}

/** A model name without the fault that it asks for. */
export interface MagicModel {
  readonly model: string;
  readonly fault: FaultKind | null;
}

/** Reads magic model names: `sim-fault-<name>`, and any model with `#<name>` behind it, such as `gpt-4.1#cut:5`. */
export function magicModel(name: string): MagicModel {
  const hash = name.indexOf('#');
  if (hash >= 0) {
    const fault = faultNamed(name.slice(hash + 1));
    return fault === null ? { model: name, fault } : { model: name.slice(0, hash), fault };
  }
  const bare = name.slice(name.lastIndexOf('/') + 1);
  return { model: name, fault: bare.startsWith(PREFIX) ? faultNamed(bare.slice(PREFIX.length)) : null };
}

const PREFIX = 'sim-fault-';

function rateLimit(seconds: number | null): FaultKind {
  if (seconds === null) return { type: 'status', error: 'rate-limit' };
  return { type: 'status', error: 'rate-limit', retryAfter: { type: 'seconds', seconds } };
}
