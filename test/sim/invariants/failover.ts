import { ruleOf, type ErrorKind } from '../../../src/spec/error.ts';
import type { RequestFinished } from '../../../src/spec/event.ts';
import type { SimClient } from '../history/client.ts';
import { candidatesOf } from '../history/configuration.ts';
import type { Check, History } from '../history/history.ts';
import { TIMEOUTS } from '../history/script.ts';
import type { QuickCall } from '../quick/network.ts';
import { limitOf, Standings, wellThroughout } from './standing.ts';

/** One tick of the clock, and a step of the code behind it. */
const TICK_MS = 2;

/** A1: a request ends exactly once, within its deadline. */
export function endsOnceInTime(history: History): Check {
  return {
    onDone(client) {
      const { request, finals, begun, closed } = client;
      const limitMs = request.timeoutMs ?? TIMEOUTS.total_ms;
      const tookMs = history.elapsedMs() - client.startedMs;
      if (tookMs > limitMs + TICK_MS)
        history.violate('A1', `request ${request.id} took ${tookMs} ms of ${limitMs}`);
      if (finals !== 1) history.violate('A1', `request ${request.id} has ${finals} final events`);
      if (begun !== 1 && !closed) history.violate('A1', `request ${request.id} was answered ${begun} times`);
      if (client.ending === 'open' && !closed) history.violate('A1', `request ${request.id} was left open`);
    },
    atEnd() {
      for (const { done, request } of history.clients)
        if (!done) history.violate('A1', `request ${request.id} never ended`);
    },
  };
}

/** A2: where an allowed provider was well for the whole life of a request, it succeeds (as long as nothing was sent). */
export function succeedsWhereOneIsWell(history: History): Check {
  const standings = new Standings(history);
  return {
    onCall: (call) => standings.called(call),
    onCallEnd: (call) => standings.ended(call),
    onEvent: (event) => standings.hear(event),
    onDone(client) {
      const { finished, request } = client;
      if (finished === null || finished.error === null) return;
      if (client.reader.streamed || !mustSucceed(history, client)) return;
      const well = candidatesOf(client.version, request).find((provider) =>
        wellThroughout(history, standings, client, provider),
      );
      if (well !== undefined)
        history.violate(
          'A2',
          `request ${request.id} failed (${finished.error.kind}) although p${well} was well`,
        );
    },
  };
}

// Requests that nothing but their providers can make fail.
function mustSucceed({ script }: History, { request, closed, version }: SimClient): boolean {
  if (request.bad || closed || request.timeoutMs !== null || request.fallbackOff) return false;
  if (script.failover.concurrencyMin !== null) return false;
  const policy = request.resume ?? version.models.find(({ name }) => name === request.model)?.resume;
  return policy !== 'error';
}

/** A9: never zero candidates while one exists: a request that may go somewhere is not refused without a call. */
export function neverNoCandidate(history: History): Check {
  const standings = new Standings(history);
  const NO_CALL_NEEDED = [
    'client_closed',
    'invalid_request',
    'forbidden',
    'model_not_found',
    'deadline_exceeded',
  ];
  return {
    onCall: (call) => standings.called(call),
    onCallEnd: (call) => standings.ended(call),
    onEvent: (event) => standings.hear(event),
    onDone(client) {
      const { finished, request, version } = client;
      if (finished === null || finished.error === null || client.calls.length > 0) return;
      const { kind } = finished.error;
      if (NO_CALL_NEEDED.includes(kind) || request.fallbackOff) return;
      if (kind === 'overloaded' && history.script.failover.concurrencyMin !== null) return;
      const free = candidatesOf(version, request).filter((provider) =>
        hasFreeKey(provider, version.keys[provider] ?? 1),
      );
      if (free.length > 0)
        history.violate(
          'A9',
          `request ${request.id} was refused (${kind}) without a call; p${free[0]} could be called`,
        );
    },
  };

  function hasFreeKey(provider: number, keys: number): boolean {
    return Array.from({ length: keys }, (_, key) => key).some(
      (key) => standings.park(`p${provider}/x`, key)?.told !== true,
    );
  }
}

/** A10: allow lists hold on every call; F1 and F4: one configuration throughout, and no key that it has not. */
export function staysAllowed(history: History): Check {
  return {
    onCall(call) {
      const client = history.clientOf(call.read.request);
      if (client === null) return;
      const { request, version } = client;
      const who = `request ${request.id}: call ${call.number} to ${call.target}`;
      if (!candidatesOf(version, request).includes(call.provider))
        history.violate('A10', `${who} is not allowed`);
      if (request.fallbackOff && client.calls.some(({ provider }) => provider !== call.provider))
        history.violate('A10', `${who}, although it wanted no fallback`);
      if (call.version !== version.number)
        history.violate('F1', `${who} by configuration ${call.version} instead of ${version.number}`);
      if (call.keyIndex < 0 || call.keyIndex >= (version.keys[call.provider] ?? 1))
        history.violate('F4', `${who} with a key that is not in force`);
    },
  };
}

/** A12: when a request is over, none of its calls is under way, and each of them stands in the log. */
export function cancelsLosers(history: History): Check {
  return {
    onDone(client) {
      const { finished, request, calls } = client;
      for (const call of calls)
        if (call.ending === 'open')
          history.violate('A12', `request ${request.id} is over, call ${call.number} is not`);
      if (finished !== null) checkLog(history, client, finished);
    },
  };
}

function checkLog(
  history: History,
  { request, calls }: SimClient,
  { requestId, attempts }: RequestFinished,
): void {
  const say = (id: string, what: string): void => history.violate(id, `request ${request.id} ${what}`);
  if (attempts.length < calls.length)
    say('A12', `made ${calls.length} calls, ${attempts.length} are in its log`);
  const told = history.events.filter(
    (event) => event.type === 'attempt-finished' && event.requestId === requestId,
  ).length;
  if (told !== attempts.length) say('A12', `has ${told} attempts told, ${attempts.length} in the log`);
  attempts.forEach(({ number }, index) => {
    if (number !== index + 1) say('A12', `calls its attempt ${index + 1} ${number}`);
  });
}

/** A5: what the caller did wrong is told at once, is tried nowhere else and hurts nobody. */
export function blamesCallers(history: History): Check {
  return {
    onDone(client) {
      const { request, finished, calls } = client;
      if (!request.bad || finished === null || client.closed || calls.length === 0) return;
      // Whoever is in a hurry may have left before he was told.
      if (request.timeoutMs !== null) return;
      if (calls.length > (mayBeHedged(client) ? 2 : 1))
        history.violate('A5', `request ${request.id} is at fault itself and was sent ${calls.length} times`);
      if (finished.error === null || blamesProvider(finished.error.kind))
        history.violate(
          'A5',
          `request ${request.id} is at fault itself, but ended with ${finished.error?.kind ?? 'an answer'}`,
        );
    },
  };
}

function blamesProvider(kind: ErrorKind): boolean {
  return kind !== 'deadline_exceeded' && ruleOf(kind).hurts;
}

function mayBeHedged({ version, request }: SimClient): boolean {
  const model = version.models.find(({ name }) => name === request.model);
  return (model?.hedgeAfterMs ?? null) !== null;
}

/** A6, second half: after a limit another key or provider is called at once, where there is one. */
export function goesElsewhereAtOnce(history: History): Check {
  const standings = new Standings(history);
  const left = new Map<QuickCall, boolean>();
  return {
    onCall: (call) => standings.called(call),
    onEvent: (event) => standings.hear(event),
    onCallEnd(call) {
      standings.ended(call);
      const client = history.clientOf(call.read.request);
      if (client === null || limitOf(call.fault) === null) return;
      // One that runs beside it may still answer.
      const alone = client.calls.every((each) => each === call || each.ending !== 'open');
      if (alone) left.set(call, standings.hasBetter(client, call));
    },
    onDone(client) {
      client.calls.forEach((call, index) => {
        const next = client.calls[index + 1];
        if (next === undefined || left.get(call) !== true || call.endedAtMs === null) return;
        const waitedMs = next.atMs - call.endedAtMs;
        if (waitedMs > TICK_MS)
          history.violate(
            'A6.elsewhere',
            `request ${client.request.id} waited ${waitedMs} ms after ${call.target} refused`,
          );
      });
    },
  };
}
