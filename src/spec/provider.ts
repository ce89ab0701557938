import type { Json } from '../base/json.ts';
import type { Headers } from './wire.ts';

/** What a provider folder exports: everything that is special about a kind of provider, as data where possible. */
export interface ProviderDefinition {
  /** The word used in configuration: `kind: openai`. */
  readonly kind: string;
  /** The name for people. */
  readonly name: string;
  /** Id of the wire that this provider speaks. */
  readonly protocol: string;
  /** Default address, version included (`https://host/v1`), without a trailing slash; null where the operator must give one. */
  readonly baseUrl: string | null;
  readonly auth: ProviderAuth;
  /** Headers sent with every request. */
  readonly headers: Headers;
  /** Environment variables that hold a key, first found wins; used when there is no configuration file. */
  readonly environment: readonly string[];
  /** Whether a key is needed at all (local servers need none). */
  readonly keyless: boolean;
  /** Id of this provider in the model catalogue; null where it has no rows there. */
  readonly catalog: string | null;
  /** Loads the rows of its `models.json`, for `readModels` of the catalogue; missing where it has none. */
  readonly models?: () => Promise<Json>;
  /** Its own names of the public models that are preset without a configuration file. */
  readonly presets?: { readonly [publicModel: string]: string };
  readonly quirks: Quirks;
}

/** How a provider is shown its key. */
export type ProviderAuth =
  | { readonly type: 'bearer' }
  | { readonly type: 'header'; readonly name: string }
  | { readonly type: 'none' };

/** Where a provider differs from the wire it claims to speak. Codecs read these; nothing else knows providers by name. */
export interface Quirks {
  /** Role name under which the system prompt is sent on the chat wire. */
  readonly systemRole: 'system' | 'developer';
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  /** `ask`: usage in a stream must be requested. `unasked`: it comes by itself and the question may be refused. */
  readonly streamUsage: 'ask' | 'unasked';
  /** Field of an assistant message in which visible reasoning is sent back to the provider; null drops it. */
  readonly reasoningField: 'reasoning_content' | 'reasoning' | null;
  /** Whether reasoning tokens are counted on top of completion_tokens (xAI, Perplexity) instead of inside. */
  readonly reasoningOutsideCompletion: boolean;
  /** Form of tool call ids that the provider accepts. */
  readonly toolCallIds: 'any' | 'nine-alphanumeric';
  /** How answers are held to a JSON Schema: natively, only as JSON mode, or not at all. */
  readonly jsonSchema: 'native' | 'json-mode' | 'none';
  /** Top-level request fields that the provider refuses; dropped with a warning. */
  readonly refusedFields: readonly string[];
  /** Whether `cache_control` on content parts is understood on the chat wire. */
  readonly cacheControl: boolean;
  /** Where signed state is taken back on the chat wire: OpenRouter's `reasoning_details`, Google's `extra_content`; missing: nowhere. */
  readonly signedState?: 'reasoning_details' | 'extra_content';
}

/** A provider that speaks its wire exactly as documented by the wire's owner. */
export const NO_QUIRKS: Quirks = {
  systemRole: 'system',
  maxTokensField: 'max_tokens',
  streamUsage: 'ask',
  reasoningField: null,
  reasoningOutsideCompletion: false,
  toolCallIds: 'any',
  jsonSchema: 'native',
  refusedFields: [],
  cacheControl: false,
};
