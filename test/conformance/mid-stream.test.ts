import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestFinished } from '../../src/spec/event.ts';
import { outputTotal, USAGE_CLASSES } from '../../src/spec/usage.ts';
import { openBreakingHouse, type BreakingHouse, type Kind, type Pair } from './breaking-house.ts';
import type { Answer, Client, Mode, Setup } from './clients/client.ts';
import { aiSdkAnthropic, aiSdkCompatible, aiSdkOpenai } from './clients/ai-sdk.ts';
import { anthropicSdk } from './clients/anthropic.ts';
import { langchain } from './clients/langchain.ts';
import { openaiSdk } from './clients/openai.ts';
import { WIRES, type Wire } from './house.ts';
import { PLACE, WEATHER } from './scenarios.ts';

/** Streams under way at once. */
const PARALLEL = 32;
const FAULTS = ['cut', 'reset-mid', 'error-mid', 'hang-mid'] as const;
/** Events after which the first target dies: at the very beginning, in the middle, near the end; some answers are over by then. */
const AFTER = [2, 5, 13, 25] as const;

const MODES: readonly Mode[] = ['streamed', 'streamed', 'whole'];
const CLIENTS = [openaiSdk, anthropicSdk, aiSdkOpenai, aiSdkCompatible, aiSdkAnthropic, langchain];

/** What is asked, through the library's own helper for streams. */
interface Content {
  readonly name: string;
  readonly kind: Kind;
  readonly ask: string;
  readonly setup: Partial<Setup>;
}

const CITIES = 'What is the weather in Paris and Rome, in celsius?';
const CONTENTS: readonly Content[] = [
  { name: 'text', kind: 'plain', ask: 'Count to 30', setup: {} },
  { name: 'calls of tools', kind: 'plain', ask: CITIES, setup: { tools: [WEATHER] } },
  {
    name: 'JSON of a schema',
    kind: 'plain',
    ask: 'Tell me about the city of Oslo',
    setup: { schema: PLACE },
  },
  { name: 'reasoning and text', kind: 'reasons', ask: 'Count to 20', setup: { reason: 'yes' } },
  {
    name: 'reasoning and calls',
    kind: 'reasons',
    ask: CITIES,
    setup: { reason: 'yes', tools: [WEATHER] },
  },
];

interface Asked {
  readonly client: Client;
  readonly content: Content;
  readonly mode: Mode;
  readonly pair: Pair;
}

/** One answer whose first target dies in the middle. */
interface Run extends Asked {
  readonly pair: Pair & { readonly second: Wire };
}

/** Each question to each pair of wires meets three of the faults, once in a whole answer; all meet all places over the table. */
const RUNS: readonly Run[] = CLIENTS.flatMap((client, c) =>
  CONTENTS.flatMap((content, q) =>
    WIRES.flatMap((first, f) =>
      WIRES.flatMap((second, s) =>
        MODES.map((mode, step): Run => {
          const fault = FAULTS[(c + q + f + s + 2 * step) % FAULTS.length]!;
          const after = AFTER[(c + 2 * f + s + step) % AFTER.length]!;
          const pair = { kind: content.kind, first, fault: `${fault}:${after}`, second };
          return { client, content, mode, pair };
        }),
      ),
    ),
  ),
);

type Outcome =
  | { readonly type: 'answer'; readonly answer: Answer }
  | { readonly type: 'error'; readonly error: unknown };

let house: BreakingHouse;
const outcomes = new Map<Run, Outcome>();
const calm = new Map<string, Answer>();
const finished: RequestFinished[] = [];

beforeAll(async () => {
  const kinds: readonly Kind[] = ['plain', 'reasons'];
  const well = kinds.flatMap((kind) =>
    WIRES.map((first): Pair => ({ kind, first, fault: null, second: null })),
  );
  house = await openBreakingHouse({ pairs: [...well, ...RUNS.map(({ pair }) => pair)] });
  const undisturbed = CLIENTS.flatMap((client) =>
    CONTENTS.flatMap((content) =>
      WIRES.flatMap((first) =>
        (['streamed', 'whole'] as const).map((mode) => {
          const pair = { kind: content.kind, first, fault: null, second: null };
          return { client, content, mode, pair };
        }),
      ),
    ),
  );
  await inParallel(undisturbed, async (run) => {
    calm.set(calmKey(run, run.pair.first), await converse(run));
  });
  house.instance.bus.subscribe('mid-stream', (event) => {
    if (event.type === 'request-finished') finished.push(event);
  });
  await inParallel(RUNS, async (run) => {
    const outcome = await converse(run).then(
      (answer): Outcome => ({ type: 'answer', answer }),
      (error: unknown): Outcome => ({ type: 'error', error }),
    );
    outcomes.set(run, outcome);
  });
}, 60_000);
afterAll(() => house.close());

describe.each(CLIENTS)('$name, when the first provider dies in the middle', (client) => {
  it.each(CONTENTS)('gets $name as from one that is well, or one error', (content) => {
    const mine = RUNS.filter((run) => run.client === client && run.content === content);
    expect(mine).toHaveLength(27);
    const wrong = mine.flatMap((run) => {
      const found = wrongOf(run);
      const { first, fault, second } = run.pair;
      return found === null ? [] : [`${fault} at ${first}, then ${second}: ${found}`];
    });
    expect(wrong.join('\n')).toBe('');
  });
});

describe('the log of these streams', () => {
  it('says of each why it was called again, and counts what was used', () => {
    expect(finished).toHaveLength(RUNS.length);
    const resumed = finished.filter(({ attempts }) => attempts.some(({ resume }) => resume !== null));
    for (const { usage: used, costNanodollars } of finished.flatMap(({ attempts }) => attempts)) {
      for (const each of USAGE_CLASSES) expect(used?.[each] ?? 0).toBeGreaterThanOrEqual(0);
      expect(costNanodollars ?? 0n).toBeGreaterThanOrEqual(0n);
    }
    // A target of which the client has something is paid for, whoever ends the answer.
    const delivered = finished.flatMap(({ attempts }) =>
      attempts.filter(({ outcome }) => outcome.type === 'answered' || outcome.committed),
    );
    expect(delivered.filter(({ usage: used }) => used === null || outputTotal(used) === 0)).toEqual([]);
    const told = [...outcomes.values()].filter(({ type }) => type === 'error').length;
    process.stdout.write(
      `answers cut in the middle, through official libraries: ${RUNS.length}, streams resumed ${resumed.length}, ` +
        `told as errors ${told}\n`,
    );
    // Of whole answers nothing is sent before their end.
    expect(resumed.length).toBeGreaterThan(RUNS.length / 3);
    expect(resumed.filter(({ stream }) => !stream)).toEqual([]);
  });
});

function wrongOf(run: Run): string | null {
  const outcome = outcomes.get(run);
  if (outcome === undefined) return 'it never ended';
  if (outcome.type === 'error') return wrongError(run, outcome.error);
  const { answer } = outcome;
  const { pair } = run;
  const expected = [pair.first, pair.second].map((wire) => calm.get(calmKey(run, wire))!);
  if (!expected.some((each) => isSame(run, answer, each)))
    return `got ${brief(answer)}, not ${expected.map(brief).join(' or ')}`;
  return wrongUsage(pair.kind, answer, expected);
}

// Who has a part of a thought that nobody else thinks to its end, in these words, keeps the part, where nothing depends on it.
function isSame({ client, mode, pair }: Run, got: Answer, expected: Answer): boolean {
  if (brief({ ...got, reasoning: '' }) !== brief({ ...expected, reasoning: '' })) return false;
  if (got.reasoning === expected.reasoning) return true;
  const thinkApart = pair.kind === 'reasons' && pair.first !== 'gemini' && pair.first !== pair.second;
  return mode === 'streamed' && client.wire === 'openai' && thinkApart;
}

/** Whether the first target shows its thoughts and the second has them and does not. */
function leavesThoughtsOpen({ kind, first, second }: Pair): boolean {
  return kind === 'reasons' && first !== 'gemini' && second === 'gemini';
}

// Only where a client was given a part of a thought that must come back signed, and nobody else can finish that.
function wrongError({ client, mode, pair }: Run, error: unknown): string | null {
  const failure = client.failure(error);
  const said = `${failure.className} ${failure.type}: ${failure.message}`;
  if (mode === 'whole' || client.wire !== 'anthropic' || !leavesThoughtsOpen(pair)) return `was told ${said}`;
  const className = client.name.startsWith('ai +') ? 'StreamProviderError' : 'APIError';
  const typed = /^(api_error|overloaded_error|timeout_error)$/.test(failure.type ?? '');
  return failure.className === className && failure.status === undefined && typed
    ? null
    : `was told it badly: ${said}`;
}

// Together the halves must be near what one provider counts. Thoughts that one of them hides are counted only at an end: what
// is cut off has none, and a second that goes on with the words thinks no more.
function wrongUsage(kind: Kind, answer: Answer, expected: readonly Answer[]): string | null {
  const { inputTokens, outputTokens } = answer;
  const counts = expected.map((each) => each.outputTokens ?? 0);
  const least = kind === 'plain' ? Math.min(...counts) / 2 : answer.text.length / 8;
  if (inputTokens === undefined || inputTokens <= 0) return `it has ${inputTokens} input tokens`;
  return outputTokens !== undefined && outputTokens > least && outputTokens <= Math.max(...counts) * 2
    ? null
    : `it has ${outputTokens} output tokens, of ${counts.join(' or ')}`;
}

function brief({ text, calls, finish, reasoning }: Answer): string {
  return JSON.stringify({
    text,
    calls: calls.map(({ name, input }) => ({ name, input })),
    finish,
    reasoning,
  });
}

function converse({ client, content, mode, pair }: Asked): Promise<Answer> {
  const { url, key } = house;
  return client.converse({ url, key, model: house.modelOf(pair), mode, ...content.setup }).say(content.ask);
}

function calmKey({ client, content, mode }: Asked, wire: Wire): string {
  return `${client.name}, ${content.name}, ${mode}, ${wire}`;
}

async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}
