import type { JsonObject } from '../../base/json.ts';
import { diceFrom, type Dice } from '../../simulator/answer/dice.ts';
import { SLOT_MS } from './slots.ts';
import type { TraceRow } from './trace.ts';

/** The client APIs that callers of a replay use. */
export const REPLAY_WIRES = ['chat', 'messages'] as const;
/** One of them. */
export type ReplayWire = (typeof REPLAY_WIRES)[number];

/** The public model that every request of a replay asks for. */
export const REPLAY_MODEL = 'replay';

/** A request as a caller sends it. */
export interface ReplayRequest {
  readonly wire: ReplayWire;
  readonly stream: boolean;
  readonly body: JsonObject;
}

/** Requests to choose from, made of a trace's token counts. */
const POOL = { least: 20, most: 160 };
/** Each of the pool is sent about as often, or more. */
const USES = 10;

const STREAMED_SHARE = 0.7;
const CHAT_SHARE = 0.67;
/** Answers up to as many tokens count; longer ones are prose, of some 250 tokens. */
const COUNTED_TOKENS_MAX = 130;
/** Numbers of up to three digits and the commas between them. */
const TOKENS_PER_NUMBER = 2;
/** Longer prompts only make the replay slower: what a provider does in an incident does not depend on them. */
const PROMPT_WORDS_MAX = 120;
/** More than any answer here has; one of the APIs wants a limit. */
const ANSWER_TOKENS_MAX = 4_000;

/** The pool of requests of a trace, 20 to 160 by how many are to be sent: rows at even distances, 70 % streamed, two thirds on the first wire. */
export function requestPool(
  trace: readonly TraceRow[],
  { seed, requests }: { readonly seed: number; readonly requests: number },
): readonly ReplayRequest[] {
  const dice = diceFrom(`${seed}/pool`);
  const wanted = Math.min(POOL.most, Math.max(POOL.least, Math.round(requests / USES)));
  const size = Math.min(wanted, trace.length);
  return Array.from({ length: size }, (_, index) => {
    const row = trace[Math.floor((index * trace.length) / size)];
    return requestOf(row ?? { atMs: 0, inputTokens: 1, outputTokens: 1 }, index, dice);
  });
}

function requestOf({ inputTokens, outputTokens }: TraceRow, index: number, dice: Dice): ReplayRequest {
  const wire = dice.next() < CHAT_SHARE ? 'chat' : 'messages';
  const stream = dice.next() < STREAMED_SHARE;
  const words = Math.min(PROMPT_WORDS_MAX, Math.ceil(inputTokens));
  const background = Array.from({ length: words }, () => dice.pick(WORDS)).join(' ');
  const question =
    outputTokens <= COUNTED_TOKENS_MAX
      ? `Count to ${Math.max(4, Math.round(outputTokens / TOKENS_PER_NUMBER))}, please.`
      : `Explain ${dice.pick(WORDS)} and ${dice.pick(WORDS)}, as asked in question ${index + 1}.`;
  const messages = [
    { role: 'user', content: `Some words to read: ${background}.` },
    { role: 'assistant', content: 'Read.' },
    { role: 'user', content: question },
  ];
  return { wire, stream, body: { model: REPLAY_MODEL, stream, messages, max_tokens: ANSWER_TOKENS_MAX } };
}

/**
 * The moments in a minute at which requests come: so many neighbours of the trace, from a place in it that chance chooses,
 * stretched to the minute and turned by a part of it. That keeps the trace's bursts while each request falls anywhere in
 * the minute with the same chance.
 */
export function arrivals(trace: readonly TraceRow[], count: number, dice: Dice): readonly number[] {
  const length = Math.min(count + 1, trace.length);
  const from = dice.below(trace.length - length + 1);
  const rows = trace.slice(from, from + length);
  const firstMs = rows[0]?.atMs ?? 0;
  const spanMs = Math.max(1, (rows.at(-1)?.atMs ?? 0) - firstMs);
  const turn = dice.next();
  return Array.from({ length: count }, (_, index) => {
    const row = rows[index % Math.max(1, length - 1)];
    const share = ((row?.atMs ?? firstMs) - firstMs) / spanMs + turn;
    return Math.floor((share % 1) * SLOT_MS);
  }).toSorted((a, b) => a - b);
}

const WORDS = [
  'river',
  'stone',
  'bridge',
  'harbour',
  'market',
  'garden',
  'letter',
  'window',
  'winter',
  'engine',
  'paper',
  'island',
  'forest',
  'signal',
  'mirror',
  'copper',
  'valley',
  'ladder',
  'needle',
  'lantern',
] as const;
