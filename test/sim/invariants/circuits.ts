import { TIMEOUTS } from '../history/script.ts';
import { ruleOf } from '../../../src/spec/error.ts';
import type { AttemptFinished, CircuitChanged } from '../../../src/spec/event.ts';
import type { Check, History } from '../history/history.ts';
import { targetName } from '../history/script.ts';
import type { QuickCall } from '../quick/network.ts';
import { hurts, limitOf, Standings } from './standing.ts';

/** Jitter may shorten an open time by this much. */
const JITTER = 0.8;
/** A circuit that opens must have seen a fault within this. */
const REASON_MS = 60_000;
const WINDOW_MS = 10_000;
/** Who fails at once is tried again within this, for that costs a caller little. */
const AT_ONCE_MAX_MS = 30_000;
/** What nobody repairs or pays at once is left alone for at least this long. */
const LONG_MS = 240_000;

/** A3: no call to an open circuit while there is a better place, and one probe at a time. */
export function leavesOpenCircuitsAlone(history: History): Check {
  const standings = new Standings(history);
  let reloadedMs = -1;
  // Calls that had nowhere else to go; they find nothing out.
  const forced = new Set<QuickCall>();
  return {
    onCallEnd: (call) => standings.ended(call),
    onEvent(event) {
      standings.hear(event);
      if (event.type === 'config-reloaded') reloadedMs = history.elapsedMs();
    },
    onCall(call) {
      const { state, sinceMs } = standings.circuit(call.target, call.keyIndex);
      const others = standings.others(call).filter((each) => !forced.has(each));
      standings.called(call);
      const client = history.clientOf(call.read.request);
      // A check of the health monitor belongs to no request.
      if (client === null || !standings.hasBetter(client, call)) {
        forced.add(call);
        return;
      }
      const who = `request ${client.request.id}: call ${call.number} to ${call.target} key ${call.keyIndex}`;
      if (state === 'open')
        history.violate(
          reloadedMs > sinceMs ? 'F3' : 'A3',
          `${who}, whose circuit is open since ${sinceMs} ms`,
        );
      // A probe that speaks has found out.
      if (
        state === 'half-open' &&
        others.some(({ atMs, contentAtMs }) => atMs >= sinceMs && contentAtMs === null)
      )
        history.violate('A3', `${who}, where a probe is under way`);
    },
  };
}

/** A4: repetitions and hedges stay within the budget over any window. */
export function keepsRetryBudget(history: History): Check {
  const { retryShare, retryMinimum } = history.script.failover;
  const firsts: number[] = [];
  const again: number[] = [];
  return {
    onCall(call) {
      const client = history.clientOf(call.read.request);
      if (client === null) return;
      const before = client.calls.filter((each) => each !== call);
      if (!isRetry(call, before, client.firstContentMs !== null)) {
        firsts.push(call.atMs);
        return;
      }
      again.push(call.atMs);
      // Windows of an implementation may begin a little earlier or later than these.
      const used = countSince(again, call.atMs - WINDOW_MS * 0.9);
      const made = countSince(firsts, call.atMs - WINDOW_MS * 1.1);
      const over = used - (retryMinimum + retryShare * made + 1);
      if (over > 0)
        history.violate(
          over <= WAITERS && hasWaited(call, before) ? 'A4.waited' : 'A4',
          `${used} repetitions and hedges in 9 s beside ${made} other calls`,
        );
      if (client.calls.length > ATTEMPTS_MAX)
        history.violate('A4', `request ${client.request.id} made ${client.calls.length} calls`);
    },
  };
}

const ATTEMPTS_MAX = 9;
/** Repetitions that may have been allowed together, before the first of them was made. */
const WAITERS = 4;

function hasWaited({ atMs }: QuickCall, before: readonly QuickCall[]): boolean {
  return before.every(({ endedAtMs }) => endedAtMs !== null && endedAtMs < atMs);
}

// The same target under the same key again, or a second one while the first is silent.
function isRetry(call: QuickCall, before: readonly QuickCall[], committed: boolean): boolean {
  if (committed || call.read.mode !== 'plain') return false;
  return before.some(
    (each) => each.ending === 'open' || (each.provider === call.provider && each.keyIndex === call.keyIndex),
  );
}

function countSince(times: readonly number[], sinceMs: number): number {
  let count = 0;
  for (let index = times.length - 1; index >= 0 && (times[index] ?? 0) >= sinceMs; index -= 1) count += 1;
  return count;
}

/** A5: only faults of the provider open a circuit, and enough of them do. */
export function opensForFaultsOnly(history: History): Check {
  const faults = new Map<string, number>();
  const rows = new Map<string, number>();
  const closed = new Map<string, boolean>();
  const due = new Set<string>();
  const changedMs = new Map<string, number>();
  // Attempts that ran against each other are told together at their end, not in the order in which they failed.
  const hedged = history.script.models.some(({ hedgeAfterMs }) => hedgeAfterMs !== null);
  let reloadedMs = 0;
  return {
    onCall(call) {
      if (hurts(call.fault)) faults.set(`${call.target}#${call.keyIndex}`, call.atMs);
    },
    onEvent(event) {
      if (event.type === 'circuit-changed') circuitChanged(event);
      if (event.type === 'attempt-finished') attemptFinished(event);
      // Where keys changed, their counts begin anew.
      if (event.type === 'config-reloaded') {
        rows.clear();
        changedMs.clear();
        reloadedMs = history.elapsedMs();
      }
    },
    afterStep() {
      for (const key of due) {
        if (closed.get(key) !== false && (rows.get(key) ?? 0) > 0)
          history.violate(
            'A5.counts',
            `${key} failed ${rows.get(key)} times in a row and its circuit is closed`,
          );
      }
      due.clear();
    },
  };

  function circuitChanged({ target, keyIndex, from, to, reason }: CircuitChanged): void {
    const key = `${target}#${keyIndex}`;
    closed.set(key, to === 'closed');
    changedMs.set(key, history.elapsedMs());
    if (from === 'half-open' && to !== 'open') noteProbe(key, target, keyIndex);
    if (to === 'closed' || to === 'recovering') rows.set(key, 0);
    const atMs = faults.get(key);
    if (to === 'open' && (atMs === undefined || history.elapsedMs() - atMs > REASON_MS))
      history.violate('A5', `the circuit of ${key} opened without a fault of the provider: ${reason}`);
  }

  function attemptFinished({ attempt }: AttemptFinished): void {
    const { target, keyIndex, outcome, durationMs } = attempt;
    const key = `${target}#${keyIndex}`;
    // A failure of a call from before the state that stands is old news.
    const old = hedged || history.elapsedMs() - durationMs < (changedMs.get(key) ?? reloadedMs);
    if (outcome.type === 'answered') rows.set(key, 0);
    else if (
      !old &&
      ruleOf(outcome.kind).hurts &&
      !wasHurried(outcome, durationMs) &&
      !addedNothing(attempt)
    ) {
      const row = (rows.get(key) ?? 0) + 1;
      rows.set(key, row);
      if (row >= history.script.failover.consecutiveFailures) due.add(key);
    }
  }

  // A circuit may only recover on the word of a call that came to a good end.
  function noteProbe(key: string, target: string, keyIndex: number): void {
    const well = history.calls.findLast(
      (call) => call.target === target && call.keyIndex === keyIndex && call.ending !== 'open',
    );
    if (well !== undefined && hurts(well.fault) && well.finishAtMs === null)
      history.violate(
        'A5.probe',
        `the circuit of ${key} recovers on the word of call ${well.number}, which failed`,
      );
  }
}

// A call that a caller's short deadline cut tells nothing of its target.
function wasHurried({ kind, status }: Failure, durationMs: number): boolean {
  return kind === 'upstream_timeout' && status !== 504 && durationMs < PATIENCE_MS;
}

// To have nothing to add to an answer that broke off may be the truth.
function addedNothing({ resume, outcome }: AttemptFinished['attempt']): boolean {
  return resume !== null && outcome.type === 'failed' && outcome.kind === 'upstream_empty';
}

type Failure = Extract<AttemptFinished['attempt']['outcome'], { type: 'failed' }>;

const PATIENCE_MS = Math.max(TIMEOUTS.first_byte_ms, TIMEOUTS.first_token_ms, TIMEOUTS.answer_ms);

/** A6: what a provider limits is left alone until the time that it told, and never called earlier. */
export function waitsOutLimits(history: History): Check {
  const standings = new Standings(history);
  return {
    onCallEnd: (call) => standings.ended(call),
    onEvent: (event) => standings.hear(event),
    onCall(call) {
      const park = standings.park(call.target, call.keyIndex);
      standings.called(call);
      if (park === null || call.read.request < 0) return;
      const who = `call ${call.number} to ${call.target} key ${call.keyIndex}`;
      if (park.told)
        history.violate(
          wasGuessed(call) ? 'A6.both' : alreadyWaited(call) ? 'A6.waited' : 'A6',
          `${who}, ${Math.ceil(park.untilMs - call.atMs)} ms before the end of its limit`,
        );
      const client = history.clientOf(call.read.request);
      const long = park.untilMs === Infinity && call.atMs - park.fromMs < LONG_MS;
      if (!park.told && long && client !== null && standings.hasBetter(client, call))
        history.violate('A6.long', `${who}, which has no quota or a dead key`);
    },
  };

  // Whether it waited, so that its time was fixed before the limit was told again.
  function alreadyWaited(call: QuickCall): boolean {
    const client = history.clientOf(call.read.request);
    if (client === null || client.startedMs === call.atMs) return false;
    return hasWaited(
      call,
      client.calls.filter((each) => each !== call),
    );
  }

  // Whether something without a time was told of the same key before: two reasons to leave it alone.
  function wasGuessed({ target, keyIndex }: QuickCall): boolean {
    return history.calls.some((each) => {
      if (each.target !== target || each.keyIndex !== keyIndex) return false;
      return limitOf(each.fault) !== null && each.retryAfterMs === null;
    });
  }
}

/** A7: who recovered gets traffic again. */
export function comesBack(history: History): Check {
  return {
    atEnd() {
      const { script, version, clients, calls } = history;
      const model = version.models.find(({ name }) => name === 'm');
      const primary = model?.targets[0];
      if (script.calm === null || model?.strategy !== 'ordered' || primary === undefined) return;
      if (model.spareShare > 0.01) return;
      if (calls.some(({ provider, fault }) => provider === primary && limitOf(fault) !== null)) return;
      const last = clients.slice(-3);
      const back = last.some(({ calls: [first] }) => first?.provider === primary);
      if (!back) history.violate('A7', `${targetName(primary)} recovered and gets no traffic`);
    },
  };
}

/** A8: no flapping: who fails again without having been well stays shut for longer each time. */
export function doesNotFlap(history: History): Check {
  const { openMs, openMaxMs } = history.script.failover;
  const rounds = new Map<string, { readonly openedMs: number; readonly count: number }>();
  return {
    onEvent(event) {
      if (event.type === 'config-reloaded') rounds.clear();
      if (event.type !== 'circuit-changed') return;
      const key = `${event.target}#${event.keyIndex}`;
      if (event.to === 'closed') rounds.delete(key);
      if (event.to !== 'open') return;
      const before = rounds.get(key);
      const nowMs = history.elapsedMs();
      rounds.set(key, { openedMs: nowMs, count: (before?.count ?? 0) + 1 });
      if (before === undefined) return;
      const leastMs = Math.min(openMaxMs, AT_ONCE_MAX_MS, openMs * 2 ** (before.count - 1)) * JITTER - 1;
      if (nowMs - before.openedMs < leastMs)
        history.violate(
          'A8',
          `the circuit of ${key} opened again after ${nowMs - before.openedMs} ms instead of ${leastMs}`,
        );
    },
  };
}
