import { compact, type Json, type JsonObject } from '../../base/json.ts';
import type { CacheHint, MediaPart, NativePart, TextPart } from '../../spec/generate.ts';
import type { EncodeTarget } from '../protocol.ts';
import { OPENAI_CHAT } from './id.ts';
import { audioFormat } from './media.ts';
import type { Warnings } from '../warnings.ts';

/** What the parts of one request's encoding share. */
export interface Encoding {
  readonly target: EncodeTarget;
  readonly warnings: Warnings;
  /** Call ids as this target takes them. */
  readonly callId: (id: string) => string;
}

/** Content as this wire says it: one plain text as a string, which every server understands, anything more as parts. */
export function encodeContent(
  parts: readonly (TextPart | MediaPart | NativePart)[],
  path: string,
  encoding: Encoding,
): Json {
  const encoded = parts.flatMap((part) => encodePart(part, path, encoding));
  const [only] = encoded;
  if (encoded.length === 0) return '';
  if (only !== undefined && encoded.length === 1 && isPlainText(only)) return only['text'] ?? '';
  return encoded;
}

/** Text parts as one string, or as parts where one of them marks a cached prefix. */
export function encodeTexts(parts: readonly TextPart[], separator: string, encoding: Encoding): Json {
  const encoded = parts.map((part) => encodeText(part, encoding));
  if (!encoded.every(isPlainText)) return encoded;
  return parts.map((part) => part.text).join(separator);
}

function encodePart(
  part: TextPart | MediaPart | NativePart,
  path: string,
  encoding: Encoding,
): readonly JsonObject[] {
  if (part.type === 'text') return [encodeText(part, encoding)];
  if (part.type === 'media') return encodeMedia(part, path, encoding);
  if (
    part.origin === OPENAI_CHAT &&
    typeof part.value === 'object' &&
    part.value !== null &&
    !Array.isArray(part.value)
  ) {
    return [objectOf(part.value)];
  }
  encoding.warnings.add('dropped', path, 'A block that only another API understands was left out.');
  return [];
}

function encodeText(part: TextPart, encoding: Encoding): JsonObject {
  return compact({ type: 'text', text: part.text, cache_control: cacheControl(part.cache, encoding) });
}

/** `cache_control` for a hint, where the provider understands it. */
export function cacheControl(
  cache: CacheHint | undefined,
  { target, warnings }: Encoding,
): JsonObject | undefined {
  if (cache === undefined) return undefined;
  if (!target.quirks.cacheControl) {
    warnings.add(
      'dropped',
      'cache_control',
      'The provider caches prompts by itself and takes no cache marks.',
    );
    return undefined;
  }
  return compact({ type: 'ephemeral', ttl: cache.ttl === '1h' ? '1h' : undefined });
}

function encodeMedia(part: MediaPart, path: string, encoding: Encoding): readonly JsonObject[] {
  const encoded = mediaPart(part, encoding);
  if (typeof encoded === 'string') {
    encoding.warnings.add('dropped', path, encoded);
    return [];
  }
  return [compact({ ...encoded, cache_control: cacheControl(part.cache, encoding) })];
}

// The part, or the reason why there is none.
function mediaPart(part: MediaPart, { target }: Encoding): JsonObject | string {
  const { mediaType, source } = part;
  const { capabilities } = target;
  if (source.type === 'text') return inlineDocument(part.fileName, source.text);
  if (source.type === 'file') return uploadedFile(source);
  if (mediaType.startsWith('image/')) return capabilities.image ? image(part) : 'The model takes no images.';
  if (mediaType.startsWith('audio/')) return capabilities.audio ? audio(part) : 'The model takes no audio.';
  if (mediaType.startsWith('video/')) return capabilities.video ? video(part) : 'The model takes no video.';
  if (!capabilities.pdf && mediaType === 'application/pdf') return 'The model takes no PDF documents.';
  return document(part);
}

function uploadedFile(source: Extract<MediaPart['source'], { type: 'file' }>): JsonObject | string {
  if (source.origin === OPENAI_CHAT) return { type: 'file', file: { file_id: source.fileId } };
  return 'A file that was uploaded to another provider was left out.';
}

function document(part: MediaPart): JsonObject | string {
  if (part.source.type !== 'base64') return 'The provider takes documents only by content, not by address.';
  return { type: 'file', file: { filename: part.fileName ?? 'document.pdf', file_data: address(part) } };
}

function inlineDocument(fileName: string | undefined, text: string): JsonObject {
  return { type: 'text', text: fileName === undefined ? text : `${fileName}:\n${text}` };
}

function image(part: MediaPart): JsonObject {
  return { type: 'image_url', image_url: compact({ url: address(part), detail: part.detail }) };
}

function video(part: MediaPart): JsonObject {
  return { type: 'video_url', video_url: { url: address(part) } };
}

function audio({ mediaType, source }: MediaPart): JsonObject | string {
  const format = audioFormat(mediaType);
  if (source.type !== 'base64') return 'The provider takes audio only by content, not by address.';
  if (format === null) return `The provider takes audio as wav or mp3, not as ${mediaType}.`;
  return { type: 'input_audio', input_audio: { data: source.data, format } };
}

function address({ mediaType, source }: MediaPart): string {
  if (source.type === 'url') return source.url;
  return source.type === 'base64' ? `data:${mediaType};base64,${source.data}` : '';
}

function isPlainText(part: JsonObject): boolean {
  return part['type'] === 'text' && Object.keys(part).length === 2;
}

function objectOf(value: object): JsonObject {
  return { ...value };
}
