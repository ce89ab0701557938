import { bytesToText, type Bytes } from '../../base/bytes.ts';
import {
  asNumber,
  asString,
  compact,
  isObject,
  parseJsonOr,
  type Json,
  type JsonObject,
} from '../../base/json.ts';
import { rawField, scanTopLevel, type TopLevel } from '../../base/json-scan.ts';
import { brandText } from '../../base/brand.ts';
import { didYouMean } from '../../base/nearest.ts';
import { invalid } from '../../spec/error.ts';
import { QUEUE_APIS, type QueueApi } from '../../spec/queue.ts';

/** What somebody sends to the queue. */
export interface Envelope {
  /** The request in the form of its API. */
  readonly request: Bytes;
  readonly api: QueueApi;
  readonly webhookUrl: string | null;
  readonly orderKey: string | null;
  readonly metadata: JsonObject;
  /** Null leaves it to the gateway. */
  readonly ttlMs: number | null;
}

/** The envelope of a request that says nothing but that it may be answered later. */
export function bare(api: QueueApi, request: Bytes): Envelope {
  return { request, api, webhookUrl: null, orderKey: null, metadata: {}, ttlMs: null };
}

const FIELDS = ['request', 'api', 'webhook_url', 'order_key', 'metadata', 'expires_in_s'];
const EXPIRES_MAX_S = 30 * 86_400;
const ORDER_KEY_LENGTH_MAX = 200;
const METADATA_BYTES_MAX = 16_384;

/** Reads the body of `POST /v1/queue`. Throws the error that names the field which is wrong. */
export function readEnvelope(body: Bytes): Envelope {
  const scanned = scanTopLevel(body);
  if (scanned.type === 'bad')
    throw invalid('', `The body is not a JSON object that can be read: ${scanned.reason}.`);
  const { top } = scanned;
  for (const name of top.spans.keys()) {
    if (!FIELDS.includes(name)) {
      throw invalid(name, `There is no field "${name.slice(0, 64)}" here${didYouMean(name, FIELDS)}.`);
    }
  }
  return {
    request: requestOf(top),
    api: apiOf(top),
    webhookUrl: textOf(top, 'webhook_url', 2_000),
    orderKey: textOf(top, 'order_key', ORDER_KEY_LENGTH_MAX),
    metadata: metadataOf(top),
    ttlMs: ttlOf(top),
  };
}

function requestOf(top: TopLevel): Bytes {
  const raw = rawField(top, 'request');
  if (raw?.startsWith('{') === true) return brandText<Bytes>(raw);
  throw invalid(
    'request',
    'The field "request" must be the request itself: a JSON object in the form of its API.',
  );
}

function apiOf(top: TopLevel): QueueApi {
  if (isAbsent(top, 'api')) return 'chat';
  const given = valueOf(top, 'api');
  const api = QUEUE_APIS.find((each) => each === given);
  if (api !== undefined) return api;
  throw invalid('api', `The field "api" must be one of ${QUEUE_APIS.join(', ')}.`);
}

function textOf(top: TopLevel, name: string, lengthMax: number): string | null {
  if (isAbsent(top, name)) return null;
  const text = asString(valueOf(top, name));
  if (text !== undefined && text !== '' && text.length <= lengthMax) return text;
  throw invalid(name, `The field "${name}" must be a text of 1 to ${lengthMax} characters.`);
}

function metadataOf(top: TopLevel): JsonObject {
  if (isAbsent(top, 'metadata')) return {};
  if ((rawField(top, 'metadata')?.length ?? 0) > METADATA_BYTES_MAX) {
    throw invalid('metadata', `The field "metadata" is longer than ${METADATA_BYTES_MAX} bytes.`);
  }
  const metadata = valueOf(top, 'metadata');
  if (!isObject(metadata)) throw invalid('metadata', 'The field "metadata" must be a JSON object.');
  return compact(metadata);
}

function ttlOf(top: TopLevel): number | null {
  if (isAbsent(top, 'expires_in_s')) return null;
  const seconds = asNumber(valueOf(top, 'expires_in_s'));
  if (seconds !== undefined && Number.isInteger(seconds) && seconds >= 1 && seconds <= EXPIRES_MAX_S) {
    return seconds * 1_000;
  }
  throw invalid(
    'expires_in_s',
    `The field "expires_in_s" must be a whole number from 1 to ${EXPIRES_MAX_S}.`,
  );
}

// Values may hold any letter, and the body is bytes.
function valueOf(top: TopLevel, name: string): Json | undefined {
  const raw = rawField(top, name);
  return raw === undefined ? undefined : parseJsonOr(bytesToText(brandText<Bytes>(raw)), undefined);
}

function isAbsent(top: TopLevel, name: string): boolean {
  const raw = rawField(top, name);
  return raw === undefined || raw === 'null';
}
