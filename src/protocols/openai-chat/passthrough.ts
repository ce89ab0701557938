import { asNumber, field, fieldAt, isObject } from '../../base/json.ts';
import { rawField, scalarField, type TopLevel } from '../../base/json-scan.ts';
import type { EncodeTarget, Passthrough } from '../protocol.ts';
import { ChatListener } from './listener.ts';
import { SAMPLING_FIELDS } from './sampling-encode.ts';

/** Chat requests and answers whose bytes go through. */
export const passthrough: Passthrough = {
  // Not every provider sends it, and not every client can do without.
  terminator: 'data: [DONE]\n\n',
  edits(body, stream, target) {
    if (mustBeTranslated(body, target)) return null;
    return {
      model: JSON.stringify(target.model),
      ...limitEdits(body, target),
      ...(stream ? streamEdits(body, target) : {}),
      ...refusedEdits(body, target),
    };
  },
  listener(target, body) {
    // Without the client's body nothing is hidden: too much is better than too little.
    const options = body === undefined ? true : fieldAt(scalarField(body, 'stream_options'), 'include_usage');
    const answers = body === undefined ? undefined : asNumber(scalarField(body, 'n'));
    return new ChatListener(target, { usageWanted: options === true, answers: answers ?? 1 });
  },
};

type Edits = { readonly [field: string]: string | null };

/**
 * Whether something deeper in the body than its top level must change for this target, or something would be lost that
 * only the encoder reports. Names are searched in the raw body: inside a text their quotes would be escaped.
 */
function mustBeTranslated(body: TopLevel, target: EncodeTarget): boolean {
  const { source } = body;
  const { quirks } = target;
  const has = (name: string): boolean => source.includes(`"${name}"`);
  return (
    (quirks.systemRole === 'system' && has('developer')) ||
    (quirks.toolCallIds !== 'any' && has('tool_call_id')) ||
    (!quirks.cacheControl && has('cache_control')) ||
    refusesFormat(body, target) ||
    carriesReasoning(source, target) ||
    refusesEffort(body, target) ||
    bansSampling(body, target) ||
    exceedsLimit(body, target)
  );
}

function refusesEffort(body: TopLevel, { capabilities }: EncodeTarget): boolean {
  const wanted = scalarField(body, 'reasoning_effort') ?? null;
  const { reasoning } = capabilities;
  if (wanted === null) return false;
  if (reasoning.type === 'none') return true;
  return reasoning.type === 'effort' && !reasoning.efforts.some((effort) => effort === wanted);
}

function bansSampling({ spans }: TopLevel, { capabilities }: EncodeTarget): boolean {
  if (capabilities.sampling === 'none') return SAMPLING_FIELDS.some((name) => spans.has(name));
  return capabilities.sampling === 'one-of' && spans.has('temperature') && spans.has('top_p');
}

function refusesFormat(body: TopLevel, { quirks, capabilities }: EncodeTarget): boolean {
  const format = rawField(body, 'response_format');
  if (format === undefined) return false;
  if (format.includes('"json_schema"'))
    return quirks.jsonSchema !== 'native' || !capabilities.structuredOutput;
  return quirks.jsonSchema === 'none' && format.includes('"json_object"');
}

// Reasoning in the history: the provider may want it under another name or not at all, and state of other providers,
// which we wrapped, means nothing to it.
function carriesReasoning(source: string, { quirks }: EncodeTarget): boolean {
  const has = (name: string): boolean => source.includes(`"${name}"`);
  // As a text it is a message's reasoning; as an object, at the top level, it is a setting.
  const hasReasoning =
    quirks.reasoningField !== 'reasoning' &&
    (source.includes('"reasoning":"') || source.includes('"reasoning": "'));
  return (
    hasReasoning ||
    (quirks.reasoningField !== 'reasoning_content' && has('reasoning_content')) ||
    (has('reasoning_details') && (quirks.signedState !== 'reasoning_details' || has('gw1'))) ||
    (has('extra_content') && quirks.signedState !== 'extra_content')
  );
}

function exceedsLimit(body: TopLevel, { capabilities }: EncodeTarget): boolean {
  const wanted = scalarField(body, 'max_completion_tokens') ?? scalarField(body, 'max_tokens');
  const limit = capabilities.outputTokensMax;
  return limit !== null && typeof wanted === 'number' && wanted > limit;
}

// The limit under the name that the provider takes.
function limitEdits(body: TopLevel, { quirks }: EncodeTarget): Edits {
  const wanted = quirks.maxTokensField;
  const other = wanted === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
  const value = rawField(body, other);
  if (value === undefined) return {};
  return body.spans.has(wanted) ? { [other]: null } : { [other]: null, [wanted]: value };
}

// Usage is always asked for, because the ledger needs it; `hides` keeps it from clients that did not ask.
function streamEdits(body: TopLevel, { quirks }: EncodeTarget): Edits {
  const options = scalarField(body, 'stream_options');
  if (quirks.streamUsage === 'unasked') return options === undefined ? {} : { stream_options: null };
  if (field(options, 'include_usage') === true) return {};
  const others = isObject(options) ? options : {};
  return { stream_options: JSON.stringify({ ...others, include_usage: true }) };
}

function refusedEdits(body: TopLevel, { quirks }: EncodeTarget): Edits {
  const refused = quirks.refusedFields.filter((name) => body.spans.has(name) || name === 'stream_options');
  return Object.fromEntries(refused.map((name) => [name, null]));
}
