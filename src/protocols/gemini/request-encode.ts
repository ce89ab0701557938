import { compact, isObject, setOwn, type Json, type JsonObject } from '../../base/json.ts';
import type { GenerateRequest } from '../../spec/generate.ts';
import type { EncodedRequest, EncodeTarget } from '../protocol.ts';
import { encodeContents } from './messages-encode.ts';
import { encodingFor, type Encoding } from './encoding.ts';
import { GEMINI } from './id.ts';
import { encodeSettings } from './settings-encode.ts';
import { DECLARATION_EXTRAS } from './tools-decode.ts';
import { encodeToolChoice, encodeTools } from './tools-encode.ts';
import { leftover, merged } from './wire.ts';

/** The body of generateContent. The model stands in the path. Fields that a Gemini client sent beyond our language come along. */
export function encodeRequest(request: GenerateRequest, target: EncodeTarget): EncodedRequest {
  const encoding = encodingFor(target);
  const { systemInstruction, contents } = encodeContents(request.messages, encoding);
  const choice = request.toolChoice;
  const said = compact({
    systemInstruction,
    contents,
    tools: encodeTools(request, encoding),
    toolConfig: choice === undefined ? undefined : { functionCallingConfig: encodeToolChoice(choice) },
    generationConfig: encodeSettings(request, encoding),
    serviceTier: serviceTierOf(request.serviceTier, encoding),
  });
  const extras = request.extras?.origin === GEMINI ? request.extras.fields : {};
  const body = merged(leftover(extras, [DECLARATION_EXTRAS]) ?? {}, said);
  return { body: withoutRefused(body, encoding), warnings: encoding.warnings.list() };
}

// Google's own words, and those of OpenAI that mean one of them; `auto` leaves it to the provider, as saying nothing does.
const TIERS: { readonly [tier: string]: string } = {
  standard: 'standard',
  flex: 'flex',
  priority: 'priority',
  default: 'standard',
};

function serviceTierOf(tier: string | undefined, encoding: Encoding): string | undefined {
  if (tier === undefined || tier === 'auto' || tier === 'unspecified') return undefined;
  if (Object.hasOwn(TIERS, tier)) return TIERS[tier];
  encoding.warnings.add('dropped', 'serviceTier', `Gemini has no service tier "${tier.slice(0, 40)}".`);
  return undefined;
}

// Fields that this provider refuses, at the top and among the settings.
function withoutRefused(body: JsonObject, encoding: Encoding): JsonObject {
  const refused = encoding.target.quirks.refusedFields;
  if (refused.length === 0) return body;
  const result: { [key: string]: Json } = {};
  for (const key of Object.keys(body)) {
    const value = body[key];
    if (value === undefined) continue;
    if (refused.includes(key))
      encoding.warnings.add('dropped', key, `The provider refuses the field ${key}.`);
    else if (key === 'generationConfig' && isObject(value)) result[key] = withoutRefused(value, encoding);
    else setOwn(result, key, value);
  }
  return result;
}
