import { compact, type JsonObject } from '../../base/json.ts';
import { GatewayError } from '../../spec/error.ts';
import type {
  AssistantPart,
  MediaPart,
  Message,
  NativePart,
  OpaqueState,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../../spec/generate.ts';
import { encodeMedia, encodeModelPart, type PartWriting } from './answer-parts.ts';
import type { Encoding } from './encoding.ts';
import { GEMINI } from './id.ts';
import { SKIP_SIGNATURE } from './signature.ts';
import { encodeToolName, isMintedCallId } from './names.ts';
import { encodeToolResult } from './tool-result.ts';

/** `systemInstruction` and `contents`. */
export interface EncodedContents {
  readonly systemInstruction: JsonObject | undefined;
  readonly contents: readonly JsonObject[];
}

/**
 * The conversation as turns of `user` and `model`. Leading system messages become the system instruction; a later one
 * keeps its place as a marked part of the user's turn. Neighbouring messages of one role are merged, and the results of
 * a turn's calls come first in the next turn, in the order of the calls, because Gemini 2.x pairs them by order.
 */
export function encodeContents(messages: readonly Message[], encoding: Encoding): EncodedContents {
  const first = messages.findIndex((message) => message.role !== 'system');
  const system = first < 0 ? messages : messages.slice(0, first);
  const rest = first < 0 ? [] : messages.slice(first);
  const instruction = system.flatMap((message) =>
    message.role === 'system' ? message.parts.map(textPart) : [],
  );
  const contents = encodeTurns(rest, encoding);
  if (contents.length === 0 && instruction.length > 0) {
    encoding.warnings.add(
      'emulated',
      'messages',
      'Gemini needs a user turn, so the system prompt was sent as one.',
    );
    return { systemInstruction: undefined, contents: [{ role: 'user', parts: instruction }] };
  }
  return { systemInstruction: instruction.length === 0 ? undefined : { parts: instruction }, contents };
}

function encodeTurns(messages: readonly Message[], encoding: Encoding): readonly JsonObject[] {
  const turns: { role: 'user' | 'model'; parts: JsonObject[] }[] = [];
  let calls: readonly ToolCallPart[] = [];
  for (const run of runsOf(messages)) {
    const model = run[0]?.role === 'assistant';
    const parts = model ? encodeModelTurn(run, encoding) : encodeUserTurn(run, calls, encoding);
    calls = model ? callsOf(run) : [];
    const last = turns.at(-1);
    const role = model ? 'model' : 'user';
    if (parts.length === 0) continue;
    if (last?.role === role) last.parts.push(...parts);
    else turns.push({ role, parts });
  }
  const opening = turns[0];
  if (opening?.role !== 'model' || !opening.parts.some((part) => part['functionCall'] !== undefined))
    return turns;
  // "Function call turn comes immediately after a user turn" (Google's error): clients cut long histories anywhere.
  encoding.warnings.add(
    'repaired',
    'messages',
    'The history began with a tool call, so a user turn was put before it.',
  );
  return [{ role: 'user', parts: [{ text: 'Go on.' }] }, ...turns];
}

// Neighbouring messages that make one turn: assistant messages, or all others.
function runsOf(messages: readonly Message[]): readonly (readonly Message[])[] {
  const runs: Message[][] = [];
  for (const message of messages) {
    const last = runs.at(-1);
    const same = last !== undefined && (last[0]?.role === 'assistant') === (message.role === 'assistant');
    if (same) last.push(message);
    else runs.push([message]);
  }
  return runs;
}

function callsOf(run: readonly Message[]): readonly ToolCallPart[] {
  return run.flatMap((message) =>
    message.role === 'assistant' ? message.parts.filter((part) => part.type === 'tool-call') : [],
  );
}

function encodeModelTurn(run: readonly Message[], encoding: Encoding): JsonObject[] {
  const writing = writingFor(encoding);
  const parts: JsonObject[] = [];
  for (const message of run) {
    if (message.role !== 'assistant') continue;
    for (const part of message.parts) {
      const encoded = encodeAssistantPart(part, writing, encoding);
      if (encoded !== null) parts.push(encoded);
    }
  }
  return encoding.generation >= 3 ? signed(parts, encoding) : parts;
}

function encodeAssistantPart(
  part: AssistantPart,
  writing: PartWriting,
  encoding: Encoding,
): JsonObject | null {
  if (part.type === 'reasoning' && part.opaque !== undefined && part.opaque.origin !== GEMINI) {
    encoding.warnings.add(
      'dropped',
      'messages',
      'Reasoning that another provider signed means nothing to Gemini.',
    );
    return null;
  }
  if (part.type === 'text' && part.text === '' && part.opaque?.origin !== GEMINI) return null;
  const encoded = encodeModelPart(part, writing);
  if (encoded === null) dropped(part, encoding);
  return encoded;
}

// Gemini 3 refuses a step whose first call carries no signature (400; bifrost #1437, hebo #171).
function signed(parts: JsonObject[], encoding: Encoding): JsonObject[] {
  const at = parts.findIndex((part) => part['functionCall'] !== undefined);
  const call = parts[at];
  if (call === undefined || call['thoughtSignature'] !== undefined) return parts;
  encoding.warnings.add(
    'repaired',
    'messages',
    'A tool call of the history has no Gemini signature, so the documented value that skips its check was sent.',
  );
  return parts.with(at, { ...call, thoughtSignature: SKIP_SIGNATURE });
}

function encodeUserTurn(
  run: readonly Message[],
  calls: readonly ToolCallPart[],
  encoding: Encoding,
): JsonObject[] {
  const results = run.flatMap((message) => (message.role === 'tool' ? message.parts : []));
  const paired = pairResults(results, calls, encoding);
  const parts: JsonObject[] = [...paired];
  for (const message of run) {
    if (message.role === 'user') {
      for (const part of message.parts) parts.push(...encodeUserPart(part, encoding));
    } else if (message.role === 'system') {
      encoding.warnings.add(
        'emulated',
        'messages',
        'A later system message was sent as a marked part of the user turn.',
      );
      const text = message.parts.map((part) => part.text).join('\n');
      parts.push({ text: `<system-reminder>\n${text}\n</system-reminder>` });
    }
  }
  return parts;
}

// Google wants as many responses as there were calls; a missing one is answered for, a stray one becomes text.
function pairResults(
  results: readonly ToolResultPart[],
  calls: readonly ToolCallPart[],
  encoding: Encoding,
): readonly JsonObject[] {
  const left = [...results];
  const responses: JsonObject[] = [];
  const beside: JsonObject[] = [];
  for (const call of calls) {
    const at = left.findIndex((result) => result.callId === call.id);
    const result = at < 0 ? missingResult(call, encoding) : left.splice(at, 1)[0];
    if (result === undefined) continue;
    const encoded = encodeToolResult(
      result,
      encodeToolName(call.name),
      encoding.generation >= 3 ? 'inside' : 'beside',
    );
    noteResult(result, encoded.beside.length, encoding);
    const id = writingFor(encoding).callId(call.id);
    responses.push({ functionResponse: compact({ id, ...encoded.functionResponse }) });
    beside.push(...encoded.beside);
  }
  return [...responses, ...beside, ...left.flatMap((result) => strayResult(result, encoding))];
}

function missingResult(call: ToolCallPart, encoding: Encoding): ToolResultPart {
  encoding.warnings.add('repaired', 'messages', 'A tool call without a result was answered with an error.');
  const parts = [{ type: 'text' as const, text: 'No result was recorded for this call.' }];
  return { type: 'tool-result', callId: call.id, parts, isError: true };
}

function strayResult(result: ToolResultPart, encoding: Encoding): readonly JsonObject[] {
  encoding.warnings.add('repaired', 'messages', 'A tool result without its call was sent as text.');
  const name = result.name ?? result.callId;
  return [
    { text: `Result of the tool ${name}:` },
    ...result.parts.flatMap((part) => encodeUserPart(part, encoding)),
  ];
}

function noteResult(result: ToolResultPart, beside: number, encoding: Encoding): void {
  if (beside > 0) {
    encoding.warnings.add(
      'emulated',
      'messages',
      'Media of a tool result were sent beside it in the same turn.',
    );
  }
  for (const part of result.parts) {
    if (part.type === 'native') dropped(part, encoding);
    if (part.type === 'media' && encodeMedia(part) === null) throw foreignFile(part);
  }
}

function encodeUserPart(part: TextPart | MediaPart | NativePart, encoding: Encoding): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
      return part.text === '' ? [] : [{ text: part.text }];
    case 'media': {
      const media = encodeMedia(part);
      if (media === null) throw foreignFile(part);
      if (part.detail === 'low' || part.detail === 'high') {
        encoding.warnings.add('dropped', 'messages', 'Gemini has no detail setting for a single image.');
      }
      return [media];
    }
    case 'native': {
      const encoded = encodeModelPart(part, writingFor(encoding));
      if (encoded === null) dropped(part, encoding);
      return encoded === null ? [] : [encoded];
    }
  }
}

function textPart(part: TextPart): JsonObject {
  return { text: part.text };
}

// Ids go only to Gemini 3, which gives ids and wants them back; 2.x may refuse them (hermes-agent PR 80683). Ids that
// this codec minted were never Google's; ids of other providers are taken (recorded: `pyd_ai_...` with 3-flash).
function writingFor(encoding: Encoding): PartWriting {
  return {
    signature: (state: OpaqueState) => (state.origin === GEMINI ? state.value : undefined),
    callId: (id) => (encoding.generation < 3 || isMintedCallId(id) ? undefined : id),
    toolName: encodeToolName,
    brokenArguments: (call) => {
      const message = `The arguments of a call of ${call.name} are no JSON object and were wrapped into one.`;
      encoding.warnings.add('repaired', 'messages', message);
    },
  };
}

function dropped(part: AssistantPart | NativePart, encoding: Encoding): void {
  if (part.type === 'media') throw foreignFile(part);
  const what = part.type === 'native' ? `A block of the ${part.origin} wire` : `A ${part.type} part`;
  encoding.warnings.add('dropped', 'messages', `${what} has no form on the Gemini wire.`);
}

function foreignFile(part: MediaPart): GatewayError {
  const origin = part.source.type === 'file' ? part.source.origin : 'another wire';
  return new GatewayError('unsupported', `A file uploaded through ${origin} cannot be read by Gemini.`, {
    field: 'messages',
  });
}
