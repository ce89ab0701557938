import { asArray, asNumber, field, isArray, type Json, type JsonObject } from '../base/json.ts';
import { vectorBase64, vectorOf } from './answer/embeddings.ts';
import { countTokens } from './answer/tokens.ts';
import type { Reply } from './reply.ts';

/** Answers a request for embeddings on the chat wire. */
export function embedAnswer(body: JsonObject, model: string): Reply {
  const inputs = inputsOf(field(body, 'input'));
  if (inputs === null) {
    return refused(
      "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.",
    );
  }
  const longest = /3-large/.test(model) ? 3072 : 1536;
  const dimensions = asNumber(field(body, 'dimensions')) ?? longest;
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > longest) {
    return refused(
      `Invalid value for 'dimensions' = ${dimensions}. Must be less than or equal to ${longest}.`,
    );
  }
  const base64 = field(body, 'encoding_format') === 'base64';
  const data = inputs.map((text, index) => {
    const vector = vectorOf(text, dimensions);
    return { object: 'embedding', index, embedding: base64 ? vectorBase64(vector) : vector };
  });
  const tokens = inputs.reduce((sum, text) => sum + countTokens(text), 0);
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  return { type: 'json', body: { object: 'list', data, model, usage } };
}

// A text, a list of texts, a list of token ids, or a list of those; null for anything else or nothing.
function inputsOf(input: Json | undefined): readonly string[] | null {
  if (typeof input === 'string') return input === '' ? null : [input];
  const items = asArray(input);
  if (items.length === 0) return null;
  if (items.every((item) => typeof item === 'number')) return [JSON.stringify(items)];
  const texts = items.map((item) => (isArray(item) ? JSON.stringify(item) : item));
  return texts.every((text) => typeof text === 'string' && text !== '') ? texts.map(String) : null;
}

function refused(message: string): Reply {
  return { type: 'refused', refusal: { status: 400, message } };
}
