import { asArray, isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { GenerateResult } from '../../spec/generate.ts';
import type { AnswerContext } from '../protocol.ts';
import { encodeModelPart } from './answer-parts.ts';
import { citationFields } from './candidate.ts';
import { CLIENT_WRITING } from './client-writing.ts';
import { encodeFinish } from './finish.ts';
import { GEMINI } from './id.ts';
import { encodeUsage } from './usage.ts';
import { leftover, merged } from './wire.ts';

/** Writes a whole answer for a Gemini client. */
export function encodeResult(result: GenerateResult, context: AnswerContext): Json {
  const parts: JsonObject[] = [];
  for (const part of result.parts) {
    const encoded = encodeModelPart(part, CLIENT_WRITING);
    if (encoded !== null) parts.push(encoded);
  }
  const candidate = {
    content: { parts, role: 'model' },
    finishReason: encodeFinish(result.finish),
    index: 0,
    ...citationFields(result.parts),
  };
  const extras = result.extras?.origin === GEMINI ? result.extras.fields : {};
  const [first, ...others] = asArray(extras['candidates']);
  const body = {
    candidates: [merged(isObject(first) ? first : {}, candidate), ...others],
    usageMetadata: encodeUsage(result.usage),
    modelVersion: context.model,
    responseId: result.id ?? context.requestId,
  };
  return { ...leftover(extras, ['candidates']), ...body };
}
