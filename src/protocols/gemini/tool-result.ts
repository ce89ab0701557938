import {
  asArray,
  asString,
  compact,
  isObject,
  parseJsonOr,
  type Json,
  type JsonObject,
} from '../../base/json.ts';
import type { MediaPart, NativePart, TextPart, ToolResultPart } from '../../spec/generate.ts';
import { decodeMedia, encodeMedia } from './answer-parts.ts';
import { camelKeys, camelObject } from './wire.ts';

/** A tool's result on the wire, and the media that only fit beside it. */
export interface EncodedResult {
  readonly functionResponse: JsonObject;
  readonly beside: readonly JsonObject[];
}

/**
 * A `functionResponse`. Google wants an object: JSON text of an object goes as it is (where it can come back as the same
 * text), other text as `{output}` and failures as `{error}`, the names that Google documents. Media go inside for models
 * that take them there (`inside`: Gemini 3), else beside it.
 */
export function encodeToolResult(
  result: ToolResultPart,
  name: string,
  inside: 'inside' | 'beside',
): EncodedResult {
  const texts: string[] = [];
  const within: JsonObject[] = [];
  const beside: JsonObject[] = [];
  for (const part of result.parts) {
    if (part.type === 'text') texts.push(part.text);
    if (part.type !== 'media') continue;
    const media = encodeMedia(part);
    if (media === null) continue;
    (inside === 'inside' && part.source.type === 'base64' ? within : beside).push(media);
  }
  const response = responseOf(texts.join('\n'), result.isError);
  const parts = within.length === 0 ? undefined : within;
  return { functionResponse: compact({ name, response, parts }), beside };
}

/** What a `functionResponse` says: parts and whether it is a failure. */
export function decodeToolResult(json: JsonObject): Pick<ToolResultPart, 'parts' | 'isError'> {
  const response = json['response'];
  const parts: (TextPart | MediaPart | NativePart)[] = [];
  const error = onlyText(response, 'error');
  const output = onlyText(response, 'output');
  const text = error ?? output ?? (response === undefined ? '' : JSON.stringify(response));
  if (text !== '' || asArray(json['parts']).length === 0) parts.push({ type: 'text', text });
  for (const part of asArray(json['parts'])) {
    const media = decodeMedia(camelObject(part));
    if (media !== null) parts.push(media);
  }
  return { parts, isError: error !== undefined };
}

function responseOf(text: string, isError: boolean): JsonObject {
  if (isError) return { error: text };
  const parsed = text.startsWith('{') ? parseJsonOr(text, null) : null;
  if (!isObject(parsed) || JSON.stringify(parsed) !== text) return { output: text };
  if (onlyText(parsed, 'output') !== undefined || onlyText(parsed, 'error') !== undefined)
    return { output: text };
  return parsed;
}

function onlyText(response: Json | undefined, key: string): string | undefined {
  if (!isObject(response) || Object.keys(response).length !== 1) return undefined;
  return asString(camelKeys(response)[key]);
}
