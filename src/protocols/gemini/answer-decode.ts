import { isObject, type Json } from '../../base/json.ts';
import { GatewayError } from '../../spec/error.ts';
import type { AssistantPart, Finish, GenerateResult } from '../../spec/generate.ts';
import { UNKNOWN_USAGE } from '../../spec/usage.ts';
import type { EncodeTarget } from '../protocol.ts';
import { toolNameDecoder } from '../tool-names.ts';
import { decodeModelPart } from './answer-parts.ts';
import { answerExtras, citationsOf, readAnswer, withCitations, type Answer } from './candidate.ts';
import { errorInside } from './error-decode.ts';
import { blockedFinish, decodeFinish } from './finish.ts';
import { GEMINI } from './id.ts';
import { answerNameOf, encodeToolName, mintedCallId } from './names.ts';
import { decodeUsage, withSearches } from './usage.ts';

/** Reads a whole answer of Google. */
export function decodeResult(body: Json, target: EncodeTarget): GenerateResult {
  const failure = errorInside(body);
  if (failure !== null) throw new GatewayError(failure.kind, failure.message);
  if (!isObject(body)) throw garbled('is not a JSON object');
  const answer = readAnswer(body);
  const name = answer.id ?? answerNameOf(JSON.stringify(body));
  const parts: AssistantPart[] = [];
  const reading = {
    mintId: () => mintedCallId(name, callCount(parts)),
    toolName: toolNameDecoder(target.request, encodeToolName),
  };
  for (const json of answer.parts) {
    const part = decodeModelPart(json, reading);
    if (part !== null) parts.push(part);
  }
  const extras = answerExtras(body, answer);
  const usage = decodeUsage(body['usageMetadata']) ?? UNKNOWN_USAGE;
  return {
    id: answer.id,
    model: answer.model,
    parts: withCitations(parts, citationsOf(answer.candidate)),
    finish: finishFor(answer, callCount(parts)),
    usage: withSearches(usage, answer.candidate?.['groundingMetadata']),
    ...(extras === undefined ? {} : { extras: { origin: GEMINI, fields: extras } }),
  };
}

function callCount(parts: readonly AssistantPart[]): number {
  return parts.filter((part) => part.type === 'tool-call').length;
}

function finishFor(answer: Answer, calls: number): Finish {
  if (answer.blockReason !== null) return blockedFinish(answer.blockReason);
  if (answer.candidate === null) throw garbled('has neither candidates nor a reason for having none');
  return decodeFinish(answer.finishReason ?? '', calls > 0 ? 'calls' : 'no-calls');
}

function garbled(what: string): GatewayError {
  return new GatewayError('upstream_garbled', `The answer of the provider ${what}.`);
}
