import { compact, field, parseJsonOr, type Json, type JsonObject } from '../../base/json.ts';
import type { GenerateRequest } from '../../spec/generate.ts';
import type { EncodeTarget } from '../protocol.ts';
import { ANTHROPIC_MESSAGES } from './id.ts';
import type { Warnings } from '../warnings.ts';

/** Writes `stop_sequences`; blank ones are refused by the API. */
export function encodeStop(stop: readonly string[] | undefined, warnings: Warnings): Json | undefined {
  if (stop === undefined) return undefined;
  const usable = stop.filter((text) => text.trim() !== '');
  if (usable.length < stop.length) {
    warnings.add('dropped', 'stop', 'The Messages API refuses stop sequences that are only white space.');
  }
  return usable.length === 0 && stop.length > 0 ? undefined : usable;
}

/** Writes `metadata`. A free-form id may be an e-mail address, which the API forbids; Claude Code's JSON is known to it. */
export function encodeMetadata(userId: string | undefined, warnings: Warnings): JsonObject | undefined {
  if (userId === undefined) return undefined;
  const isClaudeCode = typeof field(parseJsonOr(userId, null), 'session_id') === 'string';
  if (isClaudeCode || /^[a-zA-Z0-9_-]{1,256}$/.test(userId)) return { user_id: userId };
  warnings.add('dropped', 'userId', 'The Messages API takes ids of letters, digits, "_" and "-" only.');
  return undefined;
}

/** Writes `service_tier`. */
export function encodeServiceTier(tier: string | undefined, warnings: Warnings): string | undefined {
  if (tier === undefined || tier === 'auto' || tier === 'standard_only') return tier;
  if (tier === 'default') return 'standard_only';
  warnings.add('dropped', 'serviceTier', `The Messages API has no service tier "${tier}".`);
  return undefined;
}

// Fields of the shared language that have no form on this wire.
const UNKNOWN = [
  'seed',
  'frequencyPenalty',
  'presencePenalty',
  'logitBias',
  'logprobs',
  'metadata',
  'cacheKey',
] as const;

/** Remarks on every field that has no form on this wire. */
export function noteUnknown(request: GenerateRequest, warnings: Warnings): void {
  for (const name of UNKNOWN) {
    if (request[name] !== undefined)
      warnings.add('dropped', name, `The Messages API has no form of ${name}.`);
  }
  const { extras } = request;
  if (extras === undefined || extras.origin === ANTHROPIC_MESSAGES) return;
  for (const name of Object.keys(extras.fields)) {
    warnings.add('dropped', name, `The field ${name} of another wire has no form in the Messages API.`);
  }
}

/** The body without the fields that this provider refuses. */
export function withoutRefused(body: JsonObject, target: EncodeTarget, warnings: Warnings): JsonObject {
  const refused = target.quirks.refusedFields.filter((name) => body[name] !== undefined);
  if (refused.length === 0) return body;
  for (const name of refused) warnings.add('dropped', name, `This provider refuses the field ${name}.`);
  return compact({ ...body, ...Object.fromEntries(refused.map((name) => [name, undefined])) });
}
