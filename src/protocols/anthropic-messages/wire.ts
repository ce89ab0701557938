import { asString, field, isObject, type Json, type JsonObject } from '../../base/json.ts';
import { invalid, GatewayError } from '../../spec/error.ts';
import type { CacheHint } from '../../spec/generate.ts';

/**
 * The vocabulary of the Messages API, versions 2023-06-01 and 2026-10-21 (specs/anthropic*.schema.json). Bodies are read
 * field by field and not through a schema: unknown blocks and fields must survive, and an error must name the field.
 */
export const API_VERSION = '2023-06-01';

/** Top-level request fields that the shared language has words for; every other field travels in `extras`. */
export const KNOWN_REQUEST_FIELDS: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'system',
  'tools',
  'tool_choice',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'stream',
  'thinking',
  'output_config',
  'metadata',
  'service_tier',
]);

/** The field of `extras` that keeps Claude Code's billing block away from other wires: its nonce ruins their prompt caches. */
export const BILLING_EXTRA = 'x-anthropic-billing-header';

/** What a system block of Claude Code starts with when it is meant for Anthropic's accounting alone. */
export const BILLING_PREFIX = 'x-anthropic-billing-header:';

/**
 * Output limit where neither the client nor the catalogue names one: the API demands a number, and every model since
 * Claude 3.5 takes this one.
 */
export const DEFAULT_MAX_TOKENS = 8192;

/** The smallest thinking budget that the API accepts. */
export const THINKING_TOKENS_MIN = 1024;

/** Most cache breakpoints that one request may carry. */
export const CACHE_BREAKPOINTS_MAX = 4;

/** How a reader complains: as the client's fault, or as the provider's. */
export type Complain = (path: string, message: string) => GatewayError;

/** Complains to the client, naming the field. */
export const blameClient: Complain = (path, message) => invalid(path, `${path}: ${message}`);

/** Complains about a provider whose answer is not of this wire. */
export const blameProvider: Complain = (path, message) =>
  new GatewayError('upstream_garbled', `The provider's answer is not a message: ${path}: ${message}`);

/** A field that must be a string. */
export function requireString(
  block: Json | undefined,
  key: string,
  path: string,
  complain: Complain,
): string {
  const value = field(block, key);
  if (typeof value === 'string') return value;
  throw complain(`${path}.${key}`, value === undefined ? 'Field required' : 'Input should be a valid string');
}

/** The cache breakpoint of a block, where it has one. */
export function decodeCache(block: JsonObject): { readonly cache?: CacheHint } {
  const control = field(block, 'cache_control');
  if (!isObject(control)) return {};
  return { cache: { ttl: asString(field(control, 'ttl')) === '1h' ? '1h' : '5m' } };
}

/** The `cache_control` of a hint; five minutes are the API's default and stay unsaid. */
export function encodeCache(cache: CacheHint | undefined): JsonObject | undefined {
  if (cache === undefined) return undefined;
  return cache.ttl === '1h' ? { type: 'ephemeral', ttl: '1h' } : { type: 'ephemeral' };
}
