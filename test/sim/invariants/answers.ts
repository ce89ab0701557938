import type { SimClient } from '../history/client.ts';
import { candidatesOf } from '../history/configuration.ts';
import type { Check, History } from '../history/history.ts';
import type { Usage } from '../../../src/spec/usage.ts';
import type { ScriptModel } from '../history/script.ts';
import { referencesOf, type Reference } from '../quick/texts.ts';
import { REPORTED } from '../quick/wires.ts';
import { Standings, wellThroughout } from './standing.ts';

/** Bytes that may still come after a client asked to wait: the rest of the event under way and a sign of life. */
const BLOCKED_BYTES_MAX = 4_096;
/** Longest that a first piece may be held back; the slowest stream takes this long from a block's start to its first words. */
const HELD_BACK_MS = 250;
const CANCEL_MS = 1_000;

/** C1: what a client has is always the beginning of the reference, and all of it where the answer ended well. */
export function tellsTheReference(history: History): Check {
  return {
    onWrite(client) {
      if (isBelieved(client)) return;
      const { reader, request } = client;
      if (!referencesOf(request.prompt).some((reference) => isBeginning(client, reference)))
        history.violate(
          idFor(client, 'C1'),
          `request ${request.id} was sent ${JSON.stringify(seen(client))}, which is no beginning of its answer`,
        );
      for (const { id, what } of reader.problems.splice(0))
        history.violate(idFor(client, id), `request ${request.id}: ${what}`);
    },
    onDone(client) {
      const { request, status, ending, reader, finished } = client;
      if (status !== 200 || ending !== 'whole' || isBelieved(client)) return;
      if (!referencesOf(request.prompt).some((reference) => isWhole(client, reference))) {
        const empty = client.calls.some(({ fault }) => fault?.type === 'empty') && !reader.hasContent;
        // Where nobody had more to say, that is the answer.
        if (empty && (request.timeoutMs !== null || client.calls.every(({ fault }) => fault !== null)))
          return;
        history.violate(
          empty ? 'C1.empty' : idFor(client, 'C1'),
          `request ${request.id} ended well with ${JSON.stringify(seen(client))}`,
        );
      }
      if (finished?.error !== null) history.violate('C3', `request ${request.id} looked whole but failed`);
    },
  };
}

// What goes wrong where an answer with a tool call went on after it broke off has a name of its own.
function idFor({ calls, firstContentMs, request }: SimClient, id: string): string {
  const resumed =
    firstContentMs !== null && calls.some(({ atMs }, index) => index > 0 && atMs >= firstContentMs);
  return resumed && request.prompt % 4 > 1 ? 'C5.resume' : id;
}

// What a provider says twice, word for word and well formed, nobody can know to be wrong.
function isBelieved(client: SimClient): boolean {
  return client.calls.some(({ fault }) => fault?.type === 'duplicate');
}

function seen({ reader }: SimClient): unknown {
  return { text: reader.text, tools: reader.tools.map(({ name, args }) => ({ name, args })) };
}

function isBeginning({ reader }: SimClient, { text, tool }: Reference): boolean {
  if (!text.startsWith(reader.text)) return false;
  const [only, ...more] = reader.tools;
  if (only === undefined) return true;
  return (
    more.length === 0 &&
    tool !== null &&
    reader.text === text &&
    only.name === tool.name &&
    tool.args.startsWith(only.args)
  );
}

function isWhole({ reader }: SimClient, { text, tool }: Reference): boolean {
  if (reader.text !== text || reader.tools.length !== (tool === null ? 0 : 1)) return false;
  return tool === null || (reader.tools[0]?.name === tool.name && reader.tools[0].args === tool.args);
}

/** C2 and C3: one end, nothing behind it; a stream without its finish is never passed off as whole, nor a whole one cut. */
export function endsHonestly(history: History): Check {
  return {
    onDone(client) {
      const { request, reader, status, closed, spokeAfterEnd } = client;
      if (spokeAfterEnd) history.violate('C2', `request ${request.id} was told something after its end`);
      if (closed || !reader.streamed || status !== 200) return;
      const wrong = client.ending === 'whole' ? wrongEnd(client) : wrongCut(client);
      if (wrong !== null) history.violate(wrong.id, `request ${request.id} ${wrong.what}`);
    },
  };
}

interface Wrong {
  readonly id: string;
  readonly what: string;
}

function wrongEnd({ reader }: SimClient): Wrong | null {
  if (reader.error !== null) return { id: 'C2', what: 'ended well behind an error' };
  const ended = reader.terminated && reader.finish !== null;
  return ended ? null : { id: 'C3', what: 'is a stream without an end and was passed off as whole' };
}

function wrongCut({ reader, finished }: SimClient): Wrong | null {
  if (reader.terminated) return { id: 'C2', what: 'is a whole stream that was cut' };
  if (reader.error === null) return { id: 'C6', what: 'was cut without a word why' };
  return finished?.error === null ? { id: 'C3', what: 'was cut and counts as answered' } : null;
}

/** C4: usage is booked once for each answer: what the provider told, or an estimate that says so. */
export function booksUsage(history: History): Check {
  return {
    onDone(client) {
      const { request, finished, calls, reader } = client;
      if (finished === null) return;
      if (reader.usages > 1)
        history.violate('C4', `request ${request.id} was told its usage ${reader.usages} times`);
      if (finished.error === null && finished.usage === null)
        history.violate('C4', `request ${request.id} was answered without usage`);
      const [only] = calls;
      const cutShort = client.closed || request.timeoutMs !== null;
      if (finished.error === null && !cutShort && calls.length === 1 && only?.fault === null)
        checkReported(history, request.id, finished.usage);
    },
  };
}

// Where nothing went wrong, what the provider told is what stands.
function checkReported(history: History, id: number, usage: Usage | null): void {
  if (usage?.input === REPORTED.input && usage.output === REPORTED.output && usage.source === 'reported')
    return;
  history.violate('C4', `request ${id}: ${JSON.stringify(usage)} was booked`);
}

/** C5: finished calls of tools can be read. */
export function finishesTools(history: History): Check {
  return {
    onDone(client) {
      const { request, reader, ending, status } = client;
      if (ending !== 'whole' || status !== 200 || isBelieved(client)) return;
      const ids = new Set(reader.tools.map(({ id }) => id));
      if (ids.size !== reader.tools.length)
        history.violate(idFor(client, 'C5'), `request ${request.id} has tool calls of one id`);
      for (const { args } of reader.tools)
        if (!isJson(args))
          history.violate(
            idFor(client, 'C5'),
            `request ${request.id} has arguments that are not JSON: ${args}`,
          );
    },
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** C6: an answer that broke off goes on where the policy says so, and is told as an error, once, where it does not. */
export function resumesByPolicy(history: History): Check {
  const standings = new Standings(history);
  return {
    onEvent: (event) => standings.hear(event),
    onCallEnd: (call) => standings.ended(call),
    onCall(call) {
      standings.called(call);
      const client = history.clientOf(call.read.request);
      if (client === null || client.firstContentMs === null || policyOf(client) === 'resume') return;
      if (client.calls.some((each) => each !== call && each.ending === 'open')) return;
      history.violate('C6', `request ${client.request.id} was sent on after content, against its policy`);
    },
    onDone(client) {
      const { request, ending, firstContentMs, finished } = client;
      if (ending !== 'cut' || firstContentMs === null || !canBeResumed(history, client)) return;
      const well = candidatesOf(client.version, request).find((provider) =>
        wellThroughout(history, standings, client, provider),
      );
      if (well !== undefined)
        history.violate(
          'C6.resume',
          `request ${request.id} broke off (${finished?.error?.kind}) although p${well} was well`,
        );
    },
  };
}

// An answer in words only, which nothing but its provider kept from going on.
function canBeResumed({ script }: History, client: SimClient): boolean {
  const { request } = client;
  if (policyOf(client) !== 'resume' || request.prompt % 4 > 1 || isBelieved(client)) return false;
  if (client.closed || request.bad || request.fallbackOff || request.timeoutMs !== null) return false;
  return script.failover.concurrencyMin === null;
}

function policyOf({ request, version }: SimClient): ScriptModel['resume'] {
  const model = version.models.find(({ name }) => name === request.model);
  return request.resume ?? model?.resume ?? 'resume';
}

/** C8: who leaves is worked for no longer, and what was used is booked. */
export function stopsForWhoLeft(history: History): Check {
  let left: SimClient[] = [];
  return {
    onLeave: (client) => void left.push(client),
    onCall(call) {
      const leftAtMs = history.clientOf(call.read.request)?.leftAtMs ?? null;
      if (leftAtMs !== null) history.violate('C8', `call ${call.number} was made for a client that had left`);
    },
    afterStep() {
      if (left.length === 0) return;
      const nowMs = history.elapsedMs();
      left = left.filter(({ request, leftAtMs, calls }) => {
        if (nowMs < (leftAtMs ?? 0) + CANCEL_MS) return calls.some(({ ending }) => ending === 'open');
        if (calls.some(({ ending }) => ending === 'open'))
          history.violate(
            'C8',
            `request ${request.id} is still worked for, ${CANCEL_MS} ms after its client left`,
          );
        return false;
      });
    },
    onDone({ closed, reader, finished, request }) {
      if (!closed || finished === null) return;
      const read = reader.text !== '' || reader.tools.some(({ args }) => args !== '');
      if (read && (finished.usage?.output ?? 0) === 0)
        history.violate(
          'C8',
          `request ${request.id}: nothing was booked for what its client had when it left`,
        );
    },
  };
}

/** C9: a client that reads slowly fills no memory: its provider is made to wait. */
export function holdsBack(history: History): Check {
  return {
    onWrite({ blockedBytes, request }) {
      if (blockedBytes > BLOCKED_BYTES_MAX)
        history.violate(
          'C9',
          `request ${request.id} was sent ${blockedBytes} bytes that it had not room for`,
        );
    },
  };
}

/** C10: the first piece of an answer is not held back. */
export function speaksAtOnce(history: History): Check {
  return {
    onDone({ request, firstContentMs, calls, reader }) {
      if (firstContentMs === null || !reader.streamed || request.block !== null) return;
      // Where it went on elsewhere before anything could be read, all that was sent must be proven first.
      if (calls.filter(({ contentAtMs }) => contentAtMs !== null).length > 1) return;
      if (calls.some(({ fault }) => fault?.type === 'dribble')) return;
      const recent = calls.some(
        ({ contentAtMs, finishAtMs }) =>
          isRecent(contentAtMs, firstContentMs) || isRecent(finishAtMs, firstContentMs),
      );
      if (!recent) history.violate('C10', `request ${request.id}: its first piece was held back`);
    },
  };
}

function isRecent(atMs: number | null, nowMs: number): boolean {
  return atMs !== null && atMs <= nowMs && nowMs - atMs <= HELD_BACK_MS;
}
