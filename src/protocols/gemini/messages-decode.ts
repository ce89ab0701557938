import { asArray, asString, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts';
import { invalid } from '../../spec/error.ts';
import type {
  AssistantPart,
  MediaPart,
  Message,
  NativePart,
  TextPart,
  ToolResultPart,
} from '../../spec/generate.ts';
import { decodeMedia, decodeModelPart } from './answer-parts.ts';
import { mintedCallId } from './names.ts';
import { GEMINI } from './id.ts';
import { decodeToolResult } from './tool-result.ts';
import { camelKeys, camelObject } from './wire.ts';

/** The conversation of `contents`. Results without an id find their call by name, in order, among the open ones. */
export function decodeContents(contents: Json | undefined): readonly Message[] {
  if (!isArray(contents)) throw invalid('contents', 'contents must be an array of contents.');
  const messages: Message[] = [];
  let open: OpenCall[] = [];
  contents.forEach((item, index) => {
    const path = `contents[${index}]`;
    if (!isObject(item)) throw invalid(path, `${path} must be an object with parts.`);
    const content = camelKeys(item);
    const parts = partsOf(content['parts'], `${path}.parts`);
    if (content['role'] === 'model') {
      const decoded = decodeModelTurn(parts, index);
      open = decoded.flatMap((part) => (part.type === 'tool-call' ? [{ id: part.id, name: part.name }] : []));
      if (decoded.length > 0) messages.push({ role: 'assistant', parts: decoded });
    } else {
      messages.push(...decodeUserTurn(parts, open, index));
    }
  });
  return messages;
}

/** The system prompt of `systemInstruction`, which may also be given as plain text; null where there is none. */
export function decodeSystem(instruction: Json | undefined): Message | null {
  const text = asString(instruction);
  if (text !== undefined) return { role: 'system', parts: [{ type: 'text', text }] };
  if (!isObject(instruction)) return null;
  const parts: TextPart[] = [];
  for (const part of asArray(camelKeys(instruction)['parts'])) {
    const words = asString(camelObject(part)['text']);
    if (words === undefined)
      throw invalid('systemInstruction.parts', 'systemInstruction takes text parts only.');
    parts.push({ type: 'text', text: words });
  }
  return parts.length === 0 ? null : { role: 'system', parts };
}

interface OpenCall {
  readonly id: string;
  readonly name: string;
}

function partsOf(parts: Json | undefined, path: string): readonly JsonObject[] {
  if (parts === undefined) return [];
  if (!isArray(parts)) throw invalid(path, `${path} must be an array of parts.`);
  return parts.map((part, index) => {
    if (!isObject(part)) throw invalid(`${path}[${index}]`, `${path}[${index}] must be an object.`);
    return part;
  });
}

function decodeModelTurn(parts: readonly JsonObject[], turn: number): readonly AssistantPart[] {
  const decoded: AssistantPart[] = [];
  parts.forEach((json, index) => {
    // The history only grows, so its places name its calls for good.
    const part = decodeModelPart(json, {
      mintId: () => mintedCallId(`turn-${turn}`, index),
      toolName: (name) => name,
    });
    if (part !== null) decoded.push(part);
  });
  return decoded;
}

// Runs of results become tool messages, what lies between them user messages.
function decodeUserTurn(parts: readonly JsonObject[], open: OpenCall[], turn: number): readonly Message[] {
  const messages: Message[] = [];
  let said: (TextPart | MediaPart | NativePart)[] = [];
  let results: ToolResultPart[] = [];
  const close = (): void => {
    if (said.length > 0) messages.push({ role: 'user', parts: said });
    if (results.length > 0) messages.push({ role: 'tool', parts: results });
    said = [];
    results = [];
  };
  parts.forEach((json, index) => {
    const part = camelKeys(json);
    const response = part['functionResponse'];
    if (isObject(response)) {
      if (said.length > 0) close();
      results.push(decodeResult(camelKeys(response), open, mintedCallId(`orphan-${turn}`, index)));
      return;
    }
    if (results.length > 0) close();
    said.push(decodeUserPart(part, json));
  });
  close();
  return messages;
}

function decodeUserPart(part: JsonObject, json: JsonObject): TextPart | MediaPart | NativePart {
  const text = asString(part['text']);
  if (text !== undefined) return { type: 'text', text };
  return decodeMedia(part) ?? { type: 'native', origin: GEMINI, value: json };
}

function decodeResult(response: JsonObject, open: OpenCall[], orphanId: string): ToolResultPart {
  const id = asString(response['id']) ?? '';
  const name = asString(response['name']);
  const byId = open.findIndex((call) => call.id === id);
  const at = byId >= 0 ? byId : open.findIndex((call) => call.name === name);
  const call = at < 0 ? undefined : open.splice(at, 1)[0];
  const callId = call?.id ?? (id === '' ? orphanId : id);
  return {
    type: 'tool-result',
    callId,
    ...(name === undefined ? {} : { name }),
    ...decodeToolResult(response),
  };
}
