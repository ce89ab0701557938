import { asString, compact, field, isObject, type Json } from '../../base/json.ts';
import { GatewayError } from '../../spec/error.ts';
import type { AssistantPart, GenerateResult } from '../../spec/generate.ts';
import type { EncodeTarget } from '../protocol.ts';
import { toolNameDecoder, type ToolNameDecoder } from '../tool-names.ts';
import { decodeAssistantParts } from './blocks-decode.ts';
import { classifyBody } from './error-decode.ts';
import { decodeFinish } from './finish.ts';
import { ANTHROPIC_MESSAGES } from './id.ts';
import { encodeToolName } from './names.ts';
import { ANSWER_TOOL, unwrapFinish } from './output-format.ts';
import { decodeUsage } from './usage.ts';
import { blameProvider } from './wire.ts';

/** Reads a provider's whole answer. */
export function decodeResult(body: Json, target: EncodeTarget): GenerateResult {
  if (field(body, 'type') === 'error') {
    const failure = classifyBody(body);
    throw new GatewayError(failure.kind, failure.message);
  }
  if (!isObject(body) || field(body, 'content') === undefined)
    throw blameProvider('content', 'Field required');
  const read = decodeAssistantParts(field(body, 'content'), 'content', blameProvider);
  const nameOf = toolNameDecoder(target.request, encodeToolName);
  const parts = read.map((part) => restorePart(part, nameOf));
  const finish = decodeFinish(asString(field(body, 'stop_reason')), asString(field(body, 'stop_sequence')));
  const details = compact({
    stop_details: field(body, 'stop_details') ?? undefined,
    container: field(body, 'container') ?? undefined,
    context_management: field(body, 'context_management') ?? undefined,
  });
  return {
    id: asString(field(body, 'id')) ?? null,
    model: asString(field(body, 'model')) ?? null,
    parts,
    finish: unwrapFinish(finish, {
      answer: read.some((part) => part.type === 'tool-call' && part.name === ANSWER_TOOL),
      calls: parts.some((part) => part.type === 'tool-call'),
    }),
    usage: decodeUsage(field(body, 'usage')),
    ...(Object.keys(details).length === 0 ? {} : { extras: { origin: ANTHROPIC_MESSAGES, fields: details } }),
  };
}

// The answer tool's input is the answer; other names are those of the client's request.
function restorePart(part: AssistantPart, nameOf: ToolNameDecoder): AssistantPart {
  if (part.type !== 'tool-call') return part;
  if (part.name === ANSWER_TOOL) return { type: 'text', text: part.arguments };
  const name = nameOf(part.name);
  return name === part.name ? part : { ...part, name };
}
