import { asString, field, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts';
import { invalid } from '../../spec/error.ts';
import type { CacheHint, MediaPart, MediaSource, NativePart, TextPart } from '../../spec/generate.ts';
import { optionalText, requiredObject, requiredText, wrong } from './fields.ts';
import { OPENAI_CHAT } from './id.ts';
import { audioMediaType, dataUri, mediaTypeOfName } from './media.ts';

export type ContentPart = TextPart | MediaPart | NativePart;

/** The content of a message as parts: a text is one part, null none. */
export function decodeContent(content: Json | undefined, path: string): readonly ContentPart[] {
  if (content === undefined || content === null) return [];
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  if (!isArray(content)) throw wrong(path, 'a string or an array of content parts', content);
  return content.map((part, index) => decodePart(part, `${path}[${index}]`));
}

/** The content of a message that may hold nothing but text. */
export function decodeTexts(content: Json | undefined, path: string): readonly TextPart[] {
  return decodeContent(content, path).map((part, index) => {
    if (part.type === 'text') return part;
    throw invalid(`${path}[${index}].type`, `${path} may hold only parts of type "text".`);
  });
}

/** How long the prefix up to this part may be cached, from `cache_control`; undefined where it does not say. */
export function decodeCache(part: Json | undefined): { readonly cache?: CacheHint } {
  const control = field(part, 'cache_control');
  if (!isObject(control)) return {};
  return { cache: { ttl: field(control, 'ttl') === '1h' ? '1h' : '5m' } };
}

const DECODERS: { readonly [type: string]: (part: JsonObject, path: string) => ContentPart } = {
  text: (part, path) => ({
    type: 'text',
    text: requiredText(part, 'text', `${path}.text`),
    ...decodeCache(part),
  }),
  image_url: decodeImage,
  input_audio: decodeAudio,
  file: decodeFile,
  // OpenRouter and vLLM; Mistral.
  video_url: (part, path) => decodeLinked(part, 'video_url', 'video/*', path),
  document_url: (part, path) => decodeLinked(part, 'document_url', 'application/pdf', path),
};

function decodePart(value: Json, path: string): ContentPart {
  const part = requiredObject(value, path);
  const type = requiredText(part, 'type', `${path}.type`);
  const decode = Object.hasOwn(DECODERS, type) ? DECODERS[type] : undefined;
  return decode === undefined ? { type: 'native', origin: OPENAI_CHAT, value: part } : decode(part, path);
}

function decodeImage(part: JsonObject, path: string): MediaPart {
  const image = decodeLinked(part, 'image_url', 'image/*', path);
  const detail = asString(field(part['image_url'], 'detail'));
  return detail === 'low' || detail === 'high' || detail === 'auto' ? { ...image, detail } : image;
}

// `{"image_url": {"url": ...}}`, or the address itself, as Mistral and many clients write it.
function decodeLinked(part: JsonObject, name: string, mediaType: string, path: string): MediaPart {
  const value = part[name];
  const place = typeof value === 'string' ? `${path}.${name}` : `${path}.${name}.url`;
  const url =
    typeof value === 'string' ? value : requiredText(requiredObject(value, `${path}.${name}`), 'url', place);
  return { type: 'media', ...linkedSource(url, mediaType, place), ...decodeCache(part) };
}

function linkedSource(
  url: string,
  mediaType: string,
  path: string,
): { readonly mediaType: string; readonly source: MediaSource } {
  const inline = dataUri(url);
  if (inline !== null) return { mediaType: inline.mediaType, source: { type: 'base64', data: inline.data } };
  if (/^https?:\/\//i.test(url)) return { mediaType, source: { type: 'url', url } };
  throw invalid(path, `${path} must be an http or https address, or a base64 data URI.`);
}

function decodeAudio(part: JsonObject, path: string): MediaPart {
  const audio = requiredObject(part['input_audio'], `${path}.input_audio`);
  const data = requiredText(audio, 'data', `${path}.input_audio.data`);
  const format = requiredText(audio, 'format', `${path}.input_audio.format`);
  return {
    type: 'media',
    mediaType: audioMediaType(format),
    source: { type: 'base64', data: dataUri(data)?.data ?? data },
    ...decodeCache(part),
  };
}

function addressOf(file: JsonObject): string {
  const data = asString(file['file_data']) ?? '';
  return /^https?:/i.test(data) ? data : '';
}

function decodeFile(part: JsonObject, path: string): MediaPart {
  const file = requiredObject(part['file'], `${path}.file`);
  const fileName = optionalText(file, 'filename', `${path}.file.filename`);
  const named = { ...(fileName === undefined ? {} : { fileName }), ...decodeCache(part) };
  const fileId = optionalText(file, 'file_id', `${path}.file.file_id`);
  const mediaType = mediaTypeOfName(fileName ?? '', addressOf(file));
  if (fileId !== undefined) {
    return { type: 'media', mediaType, source: { type: 'file', fileId, origin: OPENAI_CHAT }, ...named };
  }
  const data = requiredText(file, 'file_data', `${path}.file.file_data`);
  // OpenAI wants a data URI; some clients send the base64 alone, OpenRouter's an address.
  if (/^(?:data:|https?:)/i.test(data)) {
    return { type: 'media', ...linkedSource(data, mediaType, `${path}.file.file_data`), ...named };
  }
  return { type: 'media', mediaType, source: { type: 'base64', data }, ...named };
}
