import type { Json } from '../../../base/json.ts';
import type { GenerateResult } from '../../../spec/generate.ts';
import { inputTotal, outputTotal } from '../../../spec/usage.ts';
import { argumentsToInput } from '../arguments.ts';

/** What an answer says, in the fewest words that two readers of it can be compared by. */
interface Essence {
  readonly id: string | null;
  readonly text: string;
  readonly thinking: string;
  readonly calls: readonly unknown[];
  readonly natives: readonly string[];
  readonly stop: string | undefined;
  readonly input: number | null;
  readonly output: number | null;
}

/** What a decoded answer says. */
export function essence(result: GenerateResult): Essence {
  const parts = result.parts;
  return {
    id: result.id,
    text: parts.map((part) => (part.type === 'text' ? part.text : '')).join(''),
    thinking: parts.map((part) => (part.type === 'reasoning' ? (part.text ?? '') : '')).join(''),
    calls: parts.flatMap((part) =>
      part.type === 'tool-call' ? [[part.id, part.name, argumentsToInput(part.arguments).input]] : [],
    ),
    natives: parts.flatMap((part) => (part.type === 'native' ? [(part.value as Block).type] : [])),
    stop: result.finish.raw,
    input: inputTotal(result.usage),
    output: outputTotal(result.usage),
  };
}

const isCall = (block: Block): boolean =>
  block.type === 'tool_use' && ((block['caller'] as Block | undefined)?.type ?? 'direct') === 'direct';
const SHARED_TYPES = new Set(['text', 'thinking', 'redacted_thinking']);

/** What an answer's JSON says, read without the codec. */
export function naiveMessage({ id, content, stop_reason, usage }: WireMessage): Essence {
  return {
    id,
    text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    thinking: content.map((block) => (block.type === 'thinking' ? block['thinking'] : '')).join(''),
    calls: content.filter(isCall).map((block) => [block['id'], block['name'], block['input']]),
    natives: content
      .filter((block) => !SHARED_TYPES.has(block.type) && !isCall(block))
      .map((block) => block.type),
    stop: stop_reason ?? undefined,
    input: usages(usage).reduce<number | null>((total, one) => plus(total, naiveInput(one)), null),
    output: usages(usage).reduce<number | null>((total, one) => plus(total, one.output_tokens), null),
  };
}

// Compaction and advice are billed and left out of the totals.
function usages(usage: WireUsage): readonly WireUsage[] {
  const extra = (usage.iterations ?? []).filter(
    (one) => one.type === 'compaction' || one.type === 'advisor_message',
  );
  return [usage, ...extra];
}

function plus(a: number | null, b: number | null | undefined): number | null {
  return b === null || b === undefined ? a : (a ?? 0) + b;
}

function naiveInput(usage: WireUsage): number | null {
  const counts = [usage.input_tokens, usage.cache_creation_input_tokens, usage.cache_read_input_tokens];
  const known = counts.filter((count) => count !== undefined && count !== null);
  return known.length === 0 ? null : known.reduce((sum, count) => sum + count, 0);
}

/** The payloads of an event stream but for pings. */
export function payloads(stream: string): readonly Json[] {
  const lines = stream.split(/\r?\n/).filter((line) => line.startsWith('data:'));
  return lines
    .map((line) => JSON.parse(line.slice(5)) as Json)
    .filter((one) => (one as Block).type !== 'ping');
}

/** What an event stream says, read without the codec; null where it is no whole answer. */
export function naiveStream(stream: string): Essence | null {
  const message = { id: '', content: [], stop_reason: null, stop_sequence: null, usage: {} };
  const state: Reading = { message, json: [], stopped: false };
  for (const payload of payloads(stream)) READERS[(payload as Block).type]?.(state, payload as never);
  if (state.message.stop_reason === null && !state.stopped) return null;
  const content = state.message.content.filter((block) => block !== undefined);
  return naiveMessage({ ...state.message, content });
}

interface Reading {
  message: WireMessage;
  readonly json: string[];
  stopped: boolean;
}

type Payload = {
  message: WireMessage;
  index: number;
  content_block: Block;
  delta: Readonly<Record<string, string>>;
  usage: WireUsage;
};

const READERS: Readonly<Record<string, (state: Reading, payload: Payload) => void>> = {
  message_start: (state, { message }) => {
    state.message = { ...message, content: [], stop_reason: null };
  },
  content_block_start: ({ message, json }, { index, content_block }) => {
    message.content[index] = { ...content_block };
    json[index] = '';
  },
  content_block_delta: ({ message, json }, { index, delta }) => {
    const block = message.content[index]!;
    if (delta['type'] === 'text_delta') block.text += delta['text']!;
    if (delta['type'] === 'thinking_delta')
      block['thinking'] = String(block['thinking']) + delta['thinking']!;
    if (delta['type'] === 'input_json_delta') json[index] += delta['partial_json']!;
  },
  content_block_stop: ({ message, json }, { index }) => {
    if (json[index] !== '') message.content[index]!['input'] = JSON.parse(json[index]!);
  },
  message_delta: ({ message }, { delta, usage }) => {
    message.stop_reason = delta['stop_reason'] ?? message.stop_reason;
    const known = Object.entries(usage).filter(([, value]) => value !== null);
    message.usage = { ...message.usage, ...Object.fromEntries(known) };
  },
  message_stop: (state) => {
    state.stopped = true;
  },
};

/** A content block of the wire. */
export type Block = { type: string; text?: string; citations?: unknown; [key: string]: unknown };
type WireUsage = {
  input_tokens?: number | null;
  output_tokens?: number;
  cache_creation_input_tokens?: number | null;
  cache_read_input_tokens?: number | null;
  iterations?: readonly (WireUsage & { type: string })[] | null;
};
/** An answer of the wire. */
export type WireMessage = {
  id: string;
  content: Block[];
  stop_reason: string | null;
  stop_sequence: string | null;
  usage: WireUsage;
};
