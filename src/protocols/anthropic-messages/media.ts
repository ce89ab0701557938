import { asString, compact, field, isObject, type Json, type JsonObject } from '../../base/json.ts';
import { GatewayError } from '../../spec/error.ts';
import type { MediaPart, MediaSource } from '../../spec/generate.ts';
import { ANTHROPIC_MESSAGES } from './id.ts';
import type { Warnings } from '../warnings.ts';
import { decodeCache, encodeCache } from './wire.ts';

/** The media of an `image` or `document` block; null where only this API understands its source. */
export function decodeMedia(block: JsonObject): MediaPart | null {
  const kind = asString(field(block, 'type'));
  const found = decodeSource(field(block, 'source'), kind === 'image' ? 'image/*' : 'application/pdf');
  if (found === null) return null;
  const title = asString(field(block, 'title'));
  const extra = compact({ context: field(block, 'context'), citations: field(block, 'citations') });
  return {
    type: 'media',
    mediaType: found.mediaType,
    source: found.source,
    ...(title === undefined ? {} : { fileName: title }),
    ...decodeCache(block),
    ...(Object.keys(extra).length === 0 ? {} : { extra: { origin: ANTHROPIC_MESSAGES, value: extra } }),
  };
}

/** The `image` or `document` block of a medium, or a refusal that names what the API cannot take. */
export function encodeMedia(part: MediaPart, path: string, warnings: Warnings): JsonObject {
  const mediaType = trueMediaType(part, path, warnings);
  if (part.detail !== undefined && part.detail !== 'auto') {
    warnings.add('dropped', `${path}.detail`, 'The Messages API has no choice of image detail.');
  }
  if (mediaType.startsWith('image/')) {
    return compact({
      type: 'image',
      source: imageSource(part.source, mediaType, path),
      cache_control: encodeCache(part.cache),
    });
  }
  const extra = part.extra?.origin === ANTHROPIC_MESSAGES ? part.extra.value : undefined;
  return compact({
    type: 'document',
    source: documentSource(part.source, mediaType, path),
    title: part.fileName,
    context: field(extra, 'context'),
    citations: field(extra, 'citations'),
    cache_control: encodeCache(part.cache),
  });
}

type Found = { readonly mediaType: string; readonly source: MediaSource };

function decodeSource(source: Json | undefined, anyType: string): Found | null {
  if (!isObject(source)) return null;
  const mediaType = asString(field(source, 'media_type')) ?? anyType;
  const data = asString(field(source, 'data'));
  const url = asString(field(source, 'url'));
  const fileId = asString(field(source, 'file_id'));
  switch (field(source, 'type')) {
    case 'base64':
      return data === undefined ? null : { mediaType, source: { type: 'base64', data } };
    case 'text':
      return data === undefined ? null : { mediaType: 'text/plain', source: { type: 'text', text: data } };
    case 'url':
      return url === undefined ? null : { mediaType, source: { type: 'url', url } };
    case 'file':
      return fileId === undefined
        ? null
        : { mediaType, source: { type: 'file', fileId, origin: ANTHROPIC_MESSAGES } };
    default:
      return null;
  }
}

function imageSource(source: MediaSource, mediaType: string, path: string): JsonObject {
  if (source.type === 'base64') {
    if (IMAGE_TYPES.has(mediaType)) return { type: 'base64', media_type: mediaType, data: source.data };
    throw refusal(path, `images of the type ${mediaType}; JPEG, PNG, GIF and WebP are accepted`);
  }
  return linkedSource(source, path) ?? refuse(path, 'an image given as text');
}

function documentSource(source: MediaSource, mediaType: string, path: string): JsonObject {
  if (source.type === 'text') return { type: 'text', media_type: 'text/plain', data: source.text };
  if (mediaType !== 'application/pdf' && mediaType !== '*/*')
    throw refusal(path, `media of the type ${mediaType}`);
  if (source.type === 'base64') return { type: 'base64', media_type: 'application/pdf', data: source.data };
  return linkedSource(source, path) ?? refuse(path, 'this source');
}

function linkedSource(source: MediaSource, path: string): JsonObject | null {
  if (source.type === 'url') return { type: 'url', url: source.url };
  if (source.type !== 'file') return null;
  if (source.origin === ANTHROPIC_MESSAGES) return { type: 'file', file_id: source.fileId };
  throw refusal(path, `the file ${source.fileId}, which was uploaded to another provider`);
}

// Names and declared types lie (recorded 400: "image was specified as image/jpeg but appears to be image/png").
function trueMediaType(part: MediaPart, path: string, warnings: Warnings): string {
  const declared = part.mediaType;
  if (part.source.type !== 'base64' || !/^image\/|^application\/pdf$/.test(declared)) return declared;
  const { data } = part.source;
  const seen = SIGNATURES.find(([start]) => data.startsWith(start))?.[1];
  if (seen === undefined || seen === declared) return declared;
  if (declared !== 'image/*') {
    warnings.add('repaired', path, `The bytes are ${seen}, not ${declared} as declared.`);
  }
  return seen;
}

function refusal(path: string, what: string): GatewayError {
  return new GatewayError('unsupported', `${path}: the Messages API does not take ${what}.`, { field: path });
}

function refuse(path: string, what: string): never {
  throw refusal(path, what);
}

const IMAGE_TYPES: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);

// The first bytes of each format, in base64.
const SIGNATURES: readonly (readonly [start: string, mediaType: string])[] = [
  ['/9j/', 'image/jpeg'],
  ['iVBORw0KGgo', 'image/png'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
  ['JVBERi', 'application/pdf'],
];
