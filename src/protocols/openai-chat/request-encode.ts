import { compact, type Json, type JsonObject } from '../../base/json.ts';
import type { GenerateRequest, Message } from '../../spec/generate.ts';
import type { EncodedRequest, EncodeTarget } from '../protocol.ts';
import type { Encoding } from './content-encode.ts';
import { OPENAI_CHAT } from './id.ts';
import { encodeMessages } from './messages-encode.ts';
import { encodeUserId, nineCharacterIds } from './names.ts';
import { encodeFormat } from './output-encode.ts';
import { encodeEffort } from './reasoning-encode.ts';
import { encodeSampling } from './sampling-encode.ts';
import { encodeToolSettings } from './tools-encode.ts';
import { Warnings } from '../warnings.ts';

/** The request as one target takes it, and what that target cannot express. */
export function encodeRequest(request: GenerateRequest, target: EncodeTarget): EncodedRequest {
  const warnings = new Warnings();
  const encoding: Encoding = { target, warnings, callId: callIdEncoder(request, target) };
  const format = encodeFormat(request, encoding);
  const messages = [
    ...instruction(format.instruction, target),
    ...encodeMessages(request.messages, encoding),
  ];
  const body = compact({
    model: target.model,
    messages,
    ...encodeToolSettings(request, encoding),
    ...encodeLimits(request, encoding),
    ...encodeSampling(request, encoding),
    ...encodeEffort(request.reasoning, encoding),
    response_format: format.field,
    ...encodeLabels(request, encoding),
    ...encodeStreaming(request, target),
    ...encodeExtras(request, encoding),
  });
  return { body: withoutRefused(body, encoding), warnings: warnings.list() };
}

function instruction(text: string | null, { quirks }: EncodeTarget): readonly JsonObject[] {
  return text === null ? [] : [{ role: quirks.systemRole, content: text }];
}

function encodeLimits(request: GenerateRequest, { target, warnings }: Encoding): JsonObject {
  const { quirks, capabilities } = target;
  const wanted = request.maxOutputTokens;
  const limit = capabilities.outputTokensMax;
  if (wanted === undefined) return {};
  if (limit === null || wanted <= limit) return { [quirks.maxTokensField]: wanted };
  warnings.add(
    'clamped',
    quirks.maxTokensField,
    `The model writes at most ${limit} tokens; ${wanted} were asked for.`,
  );
  return { [quirks.maxTokensField]: limit };
}

function encodeLabels(request: GenerateRequest, encoding: Encoding): JsonObject {
  const { userId, metadata, serviceTier, cacheKey } = request;
  return compact({
    user: userId === undefined ? undefined : encodeUserId(userId),
    metadata: metadata === undefined ? undefined : storedMetadata(metadata, request, encoding),
    service_tier: serviceTier === undefined ? undefined : tierOf(serviceTier, encoding),
    prompt_cache_key: cacheKey,
  });
}

// OpenAI answers 400 to metadata that is not stored.
function storedMetadata(
  metadata: { readonly [key: string]: string },
  { extras }: GenerateRequest,
  { warnings }: Encoding,
): JsonObject | undefined {
  if (extras?.origin === OPENAI_CHAT && extras.fields['store'] === true) return metadata;
  warnings.add('dropped', 'metadata', 'The provider takes metadata only together with store.');
  return undefined;
}

const TIERS: ReadonlyMap<string, string> = new Map([
  ...['auto', 'default', 'flex', 'priority', 'scale', 'fast'].map((tier) => [tier, tier] as const),
  ['standard_only', 'default'],
]);

function tierOf(tier: string, { warnings }: Encoding): string | undefined {
  const known = TIERS.get(tier);
  if (known === undefined)
    warnings.add('dropped', 'service_tier', `The service tier "${tier}" is unknown here.`);
  return known;
}

function encodeStreaming({ stream }: GenerateRequest, { quirks }: EncodeTarget): JsonObject {
  if (!stream) return {};
  return compact({
    stream: true,
    stream_options: quirks.streamUsage === 'ask' ? { include_usage: true } : undefined,
  });
}

function encodeExtras({ extras, stream }: GenerateRequest, { target, warnings }: Encoding): JsonObject {
  if (extras === undefined) return {};
  if (extras.origin !== OPENAI_CHAT) {
    for (const name of Object.keys(extras.fields)) {
      warnings.add('dropped', name, `The field ${name} has no meaning for this provider.`);
    }
    return {};
  }
  const { stream_options: options, ...fields } = extras.fields;
  if (!stream || options === undefined || target.quirks.streamUsage !== 'ask') return fields;
  return { ...fields, stream_options: { ...(isPlain(options) ? options : {}), include_usage: true } };
}

function isPlain(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutRefused(body: JsonObject, { target, warnings }: Encoding): JsonObject {
  const refused = target.quirks.refusedFields.filter((name) => Object.hasOwn(body, name));
  if (refused.length === 0) return body;
  for (const name of refused) {
    // The gateway itself asks for usage; not asking loses nothing of the client's.
    if (name !== 'stream_options') warnings.add('dropped', name, `The provider refuses the field ${name}.`);
  }
  return Object.fromEntries(Object.entries(body).filter(([name]) => !refused.includes(name)));
}

function callIdEncoder({ messages }: GenerateRequest, { quirks }: EncodeTarget): (id: string) => string {
  if (quirks.toolCallIds === 'any') return (id) => id;
  const ids = nineCharacterIds(messages.flatMap(callIdsOf));
  return (id) => ids.get(id) ?? id;
}

function callIdsOf(message: Message): readonly string[] {
  if (message.role === 'assistant') {
    return message.parts.flatMap((part) => (part.type === 'tool-call' ? [part.id] : []));
  }
  return message.role === 'tool' ? message.parts.map((part) => part.callId) : [];
}
