import { asString, compact, isObject, parseJsonOr, type Json, type JsonObject } from '../../base/json.ts';
import type { AssistantPart, MediaPart, OpaqueState, ToolCallPart } from '../../spec/generate.ts';
import { GEMINI } from './id.ts';
import { readSignature } from './signature.ts';
import { camelKeys, camelObject, leftover } from './wire.ts';

/** How a call's particulars are read. */
export interface PartReading {
  /** Names a call that came without an id. */
  mintId(): string;
  /** The tool's own name, where it was shortened for the wire. */
  toolName(name: string): string;
}

/** How a part's particulars are written, which differs towards a client and towards Google. */
export interface PartWriting {
  /** The signature to write for some state, undefined for none. */
  signature(state: OpaqueState): string | undefined;
  /** The call id to write, undefined for none. */
  callId(id: string): string | undefined;
  /** The tool name as the wire takes it. */
  toolName(name: string): string;
  /** Hears of arguments that are no JSON object. */
  brokenArguments(call: ToolCallPart): void;
}

/** One part of a model's turn; null where it says nothing at all. */
export function decodeModelPart(json: JsonObject, reading: PartReading): AssistantPart | null {
  const part = camelKeys(json);
  const signature = asString(part['thoughtSignature']);
  const opaque = signature === undefined || signature === '' ? {} : { opaque: readSignature(signature) };
  if (isObject(part['functionCall']))
    return { ...decodeCall(camelKeys(part['functionCall']), reading), ...opaque };
  const text = asString(part['text']);
  if (text !== undefined && part['thought'] === true) {
    return { type: 'reasoning', text: text === '' && opaque.opaque !== undefined ? null : text, ...opaque };
  }
  if (text !== undefined) return { type: 'text', text, ...opaque };
  const media = decodeMedia(part);
  if (media !== null) return media;
  return Object.keys(part).length === 0 ? null : { type: 'native', origin: GEMINI, value: json };
}

/** A part with `inlineData` or `fileData` as media; null where it has neither. Other fields of the part are kept beside it. */
export function decodeMedia(part: JsonObject): MediaPart | null {
  const inline = camelObject(part['inlineData']);
  const data = asString(inline['data']);
  if (data !== undefined) {
    const mediaType = asString(inline['mimeType']) ?? 'application/octet-stream';
    return { type: 'media', mediaType, source: { type: 'base64', data }, ...extraOf(part, 'inlineData') };
  }
  const file = camelObject(part['fileData']);
  const uri = asString(file['fileUri']);
  if (uri === undefined) return null;
  const mediaType = asString(file['mimeType']) ?? guessedType(uri);
  const source = isGoogleFile(uri)
    ? { type: 'file' as const, fileId: uri, origin: GEMINI }
    : { type: 'url' as const, url: uri };
  return { type: 'media', mediaType, source, ...extraOf(part, 'fileData') };
}

/** A part of a model's turn on the wire; null where Google has no form for it. */
export function encodeModelPart(part: AssistantPart, writing: PartWriting): JsonObject | null {
  switch (part.type) {
    case 'text':
      return compact({ text: part.text, thoughtSignature: signatureOf(part.opaque, writing) });
    case 'refusal':
      return { text: part.text };
    case 'reasoning':
      return compact({
        text: part.text ?? '',
        thought: true,
        thoughtSignature: signatureOf(part.opaque, writing),
      });
    case 'tool-call':
      return encodeCall(part, writing);
    case 'media':
      return encodeMedia(part);
    case 'native':
      return part.origin === GEMINI && isObject(part.value) ? part.value : null;
  }
}

/** Media on the wire; null for a file that lies with another provider. */
export function encodeMedia(part: MediaPart): JsonObject | null {
  const extra = part.extra?.origin === GEMINI && isObject(part.extra.value) ? part.extra.value : {};
  const mimeType = part.mediaType.includes('*') ? undefined : part.mediaType;
  switch (part.source.type) {
    case 'base64':
      return { inlineData: compact({ mimeType, data: part.source.data }), ...extra };
    case 'url':
      return { fileData: compact({ fileUri: part.source.url, mimeType }), ...extra };
    case 'file':
      if (part.source.origin !== GEMINI) return null;
      return { fileData: compact({ fileUri: part.source.fileId, mimeType }), ...extra };
    case 'text':
      return { text: part.source.text };
  }
}

/** A call's arguments as the object that Google demands; null where they are none. Empty arguments are an empty object. */
export function argumentsObject(text: string): JsonObject | null {
  if (text.trim() === '') return {};
  const parsed = parseJsonOr(text, null);
  return isObject(parsed) ? parsed : null;
}

function decodeCall(call: JsonObject, reading: PartReading): ToolCallPart {
  const id = asString(call['id']) ?? '';
  const args = call['args'];
  return {
    type: 'tool-call',
    id: id === '' ? reading.mintId() : id,
    name: reading.toolName(asString(call['name']) ?? ''),
    arguments: args === undefined || args === null ? '' : JSON.stringify(args),
  };
}

function encodeCall(call: ToolCallPart, writing: PartWriting): JsonObject {
  const parsed = argumentsObject(call.arguments);
  if (parsed === null) writing.brokenArguments(call);
  const args: Json = parsed ?? { arguments: call.arguments };
  const functionCall = compact({ id: writing.callId(call.id), name: writing.toolName(call.name), args });
  return compact({ functionCall, thoughtSignature: signatureOf(call.opaque, writing) });
}

function signatureOf(state: OpaqueState | undefined, writing: PartWriting): string | undefined {
  return state === undefined ? undefined : writing.signature(state);
}

// Files of Google's File API and of Cloud Storage mean something to Google alone.
function isGoogleFile(uri: string): boolean {
  return /^(?:gs:\/\/|files\/|https:\/\/generativelanguage\.googleapis\.com\/)/.test(uri);
}

// Only the kind can be guessed, from the end of the address; YouTube links are given without a type (recorded).
function guessedType(uri: string): string {
  const path = uri.split(/[?#]/)[0] ?? uri;
  if (/\.pdf$/i.test(path)) return 'application/pdf';
  if (/\.(?:mp3|wav|ogg|flac|m4a|aac|aiff)$/i.test(path)) return 'audio/*';
  if (/\.(?:mp4|mov|webm|mpe?g|avi|wmv|flv|3gpp)$/i.test(path)) return 'video/*';
  return /^https:\/\/(?:www\.youtube\.com|youtu\.be)\//.test(uri) ? 'video/*' : 'image/*';
}

function extraOf(part: JsonObject, known: string): Pick<MediaPart, 'extra'> {
  const value = leftover(part, [known]);
  return value === undefined ? {} : { extra: { origin: GEMINI, value } };
}
