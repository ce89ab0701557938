import { at, countAt, finishOf, listAt, textAt } from './reading.ts';
import type { Call, Counts, FinishWord, Reading, Value } from './reading.ts';

const FILTERED = /^(SAFETY|RECITATION|BLOCKLIST|PROHIBITED_CONTENT|SPII|IMAGE_.*|LANGUAGE|MODEL_ARMOR)$/;
const MALFORMED =
  /^(MALFORMED_FUNCTION_CALL|UNEXPECTED_TOOL_CALL|MISSING_THOUGHT_SIGNATURE|TOO_MANY_TOOL_CALLS|MALFORMED_RESPONSE)$/;

/** Reads an answer of Gemini's generateContent: the one body of it, or the chunks of a stream, which have the same shape. */
export function readGemini(chunks: readonly Value[]): Reading {
  const parts = chunks.flatMap((chunk) => listAt(chunk, 'candidates', 0, 'content', 'parts'));
  const visible = parts.filter((part) => at(part, 'thought') !== true);
  const thoughts = parts.filter((part) => at(part, 'thought') === true);
  const calls = readCalls(parts);
  const usage = chunks.map((chunk) => at(chunk, 'usageMetadata')).findLast((each) => each !== undefined);
  return {
    text: visible.map((part) => textAt(part, 'text')).join(''),
    reasoning: thoughts.map((part) => textAt(part, 'text')).join(''),
    calls,
    finish: finishOf(readFinish(chunks), calls),
    usage: readUsage(usage),
    failed: chunks.some((chunk) => at(chunk, 'error') !== undefined),
  };
}

function readFinish(chunks: readonly Value[]): FinishWord | null {
  const reasons = chunks.map((chunk) => at(chunk, 'candidates', 0, 'finishReason'));
  const reason = reasons.findLast((each) => each !== undefined && each !== null);
  if (chunks.some((chunk) => textAt(chunk, 'promptFeedback', 'blockReason') !== '')) return 'filtered';
  if (reason === undefined) return null;
  const word = typeof reason === 'string' ? reason : JSON.stringify(reason);
  if (word === 'MAX_TOKENS') return 'length';
  if (FILTERED.test(word)) return 'filtered';
  return MALFORMED.test(word) ? 'malformed' : 'end';
}

function readUsage(usage: Value | undefined): Counts | null {
  if (typeof at(usage, 'promptTokenCount') !== 'number' || usage === undefined) return null;
  const thoughts = countAt(usage, 'thoughtsTokenCount');
  return {
    input: countAt(usage, 'promptTokenCount') + countAt(usage, 'toolUsePromptTokenCount'),
    output: countAt(usage, 'candidatesTokenCount') + thoughts,
    cacheRead: countAt(usage, 'cachedContentTokenCount'),
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    inputAudio:
      audio(usage, 'promptTokensDetails') +
      audio(usage, 'toolUsePromptTokensDetails') -
      audio(usage, 'cacheTokensDetails'),
    reasoning: thoughts,
    outputAudio: audio(usage, 'candidatesTokensDetails'),
  };
}

function audio(usage: Value, details: string): number {
  const found = listAt(usage, details).find((each) => textAt(each, 'modality') === 'AUDIO');
  return countAt(found, 'tokenCount');
}

// A call comes whole, or (on Vertex, when asked for) as a name, then pieces of arguments by path, then an empty call.
function readCalls(parts: readonly Value[]): readonly Call[] {
  const calls: Call[] = [];
  let open: { readonly name: string; readonly pieces: Value[] } | null = null;
  for (const call of parts.map((part) => at(part, 'functionCall')).filter((each) => each !== undefined)) {
    const continues = at(call, 'willContinue') === true;
    if (open === null && !continues)
      calls.push({ name: textAt(call, 'name'), arguments: at(call, 'args') ?? {} });
    if (open === null && continues) open = { name: textAt(call, 'name'), pieces: [] };
    else if (open !== null) open.pieces.push(...listAt(call, 'partialArgs'));
    if (open !== null && !continues) {
      calls.push({ name: open.name, arguments: assembled(open.pieces) });
      open = null;
    }
  }
  return calls;
}

type Assembly = { [key: string]: Assembly | Value };

// Pieces name their place as `$.a.b[0]`; pieces of a text at the same place are joined.
function assembled(pieces: readonly Value[]): Value {
  const root: Assembly = {};
  for (const piece of pieces) {
    const keys = textAt(piece, 'jsonPath').match(/[^.[\]$'"]+/g) ?? [];
    const last = keys.at(-1);
    if (last === undefined) continue;
    let place = root;
    keys.slice(0, -1).forEach((key, position) => {
      place[key] ??= /^\d+$/.test(keys[position + 1] ?? '') ? ([] as unknown as Assembly) : {};
      place = place[key] as Assembly;
    });
    const added = at(piece, 'stringValue') ?? at(piece, 'numberValue') ?? at(piece, 'boolValue') ?? null;
    const before = place[last];
    place[last] = typeof before === 'string' && typeof added === 'string' ? before + added : added;
  }
  return root as Value;
}
