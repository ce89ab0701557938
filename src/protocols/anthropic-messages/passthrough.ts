import { asNumber, field } from '../../base/json.ts';
import { rawField, scalarField, type TopLevel } from '../../base/json-scan.ts';
import type { Capabilities, ReasoningCapability } from '../../spec/model.ts';
import type { EncodeTarget, Passthrough } from '../protocol.ts';
import { MessageListener } from './listener.ts';

/** Bytes of this wire go through to a target of this wire; signatures, betas, key order and unknown fields survive so. */
export const passthrough: Passthrough = {
  forwards: [
    // Any other version would be a 400 of the provider; it then gets the common one.
    { name: 'anthropic-version', accepts: /^(?:2023-06-01|2026-10-21)$/ },
    { name: 'anthropic-beta', accepts: /^[\w.,: -]{1,2000}$/ },
  ],
  terminator: 'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  edits,
  listener: () => new MessageListener(),
};

function edits(
  body: TopLevel,
  _stream: boolean,
  target: EncodeTarget,
): { [field: string]: string | null } | null {
  if (!canPass(body, target)) return null;
  const result: { [field: string]: string | null } = {};
  if (scalarField(body, 'model') !== target.model) result['model'] = JSON.stringify(target.model);
  const { outputTokensMax } = target.capabilities;
  const asked = asNumber(scalarField(body, 'max_tokens'));
  if (outputTokensMax !== null && asked !== undefined && asked > outputTokensMax) {
    result['max_tokens'] = String(outputTokensMax);
  }
  return result;
}

// What the target would refuse has to be decoded and written anew, so that it is adapted and the loss is told.
function canPass(body: TopLevel, { capabilities, quirks }: EncodeTarget): boolean {
  if (quirks.refusedFields.some((name) => body.spans.has(name))) return false;
  if (FOREIGN_STATE.test(body.source)) return false;
  // The decoder refuses it in the words that the SDK goes on from.
  if (body.spans.has('thread')) return false;
  if (capabilities.midConversationSystem === false && SYSTEM_ROLE.test(rawField(body, 'messages') ?? ''))
    return false;
  if (!capabilities.structuredOutput && OUTPUT_FORMAT.test(rawField(body, 'output_config') ?? ''))
    return false;
  return takesSampling(body, capabilities) && takesThinking(body, capabilities.reasoning);
}

// Signed state and ids of other wires that this client carries (see carriers.ts, names.ts, ../opaque.ts).
const FOREIGN_STATE = /"gw(?:1|1call|1text|1tail)\.|"gwid_/;
const SYSTEM_ROLE = /"role"\s*:\s*"system"/;
const OUTPUT_FORMAT = /"format"\s*:\s*\{/;

function takesSampling(body: TopLevel, { sampling }: Capabilities): boolean {
  const temperature = scalarField(body, 'temperature') ?? 1;
  if (sampling === 'none') return temperature === 1 && !body.spans.has('top_p') && !body.spans.has('top_k');
  return sampling === 'free' || !body.spans.has('temperature') || !body.spans.has('top_p');
}

// Models after Opus 4.6 take adaptive thinking only, those before a budget only.
function takesThinking(body: TopLevel, reasoning: ReasoningCapability): boolean {
  const thinking = scalarField(body, 'thinking');
  const type = field(thinking, 'type');
  const hasEffort = /"effort"\s*:\s*"/.test(rawField(body, 'output_config') ?? '');
  switch (reasoning.type) {
    case 'none':
      return !hasEffort && (type === undefined || type === 'disabled');
    case 'budget':
      return !hasEffort && type !== 'adaptive' && type !== 'between_tools';
    case 'adaptive':
      return type !== 'enabled';
    case 'fixed':
    case 'effort':
      return true;
  }
}
