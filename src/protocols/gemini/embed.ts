import { asArray, asNumber, compact, field, isArray, type Json, type JsonObject } from '../../base/json.ts';
import type { EmbedRequest, EmbedResult } from '../../spec/embed.ts';
import { GatewayError } from '../../spec/error.ts';
import type { Warning } from '../../spec/generate.ts';
import { UNKNOWN_USAGE } from '../../spec/usage.ts';
import type { EncodedRequest, EncodeTarget, UpstreamEmbed } from '../protocol.ts';
import { tokenCount } from '../token-count.ts';
import { errorInside } from './error-decode.ts';
import { GEMINI } from './id.ts';
import { modelPath, modelResource } from './model-name.ts';

/** Vectors of texts. The batch method is used for one text too: one shape of answer is enough. */
export const embed: UpstreamEmbed = {
  path: (model) => modelPath(model, 'batchEmbedContents'),
  encodeRequest,
  decodeResult,
};

function encodeRequest(request: EmbedRequest, target: EncodeTarget): EncodedRequest {
  const warnings: Warning[] = [];
  if (request.userId !== undefined) {
    warnings.push({ code: 'dropped', field: 'userId', message: 'Gemini takes no id of the end user.' });
  }
  const extras = request.extras?.origin === GEMINI ? request.extras.fields : {};
  const requests = request.input.map((input): JsonObject => {
    if (typeof input !== 'string') {
      throw new GatewayError('unsupported', 'Gemini embeds texts, not lists of tokens.', { field: 'input' });
    }
    const model = modelResource(target.model);
    const content = { parts: [{ text: input }] };
    return compact({ ...extras, model, content, outputDimensionality: request.dimensions });
  });
  return { body: { requests }, warnings };
}

function decodeResult(body: Json): EmbedResult {
  const failure = errorInside(body);
  if (failure !== null) throw new GatewayError(failure.kind, failure.message);
  const embeddings = field(body, 'embeddings');
  if (!isArray(embeddings)) {
    throw new GatewayError('upstream_garbled', 'The provider answered without embeddings.');
  }
  const tokens = tokenCount(field(field(body, 'usageMetadata'), 'promptTokenCount'));
  return {
    model: null,
    vectors: embeddings.map(vectorOf),
    usage: tokens === null ? UNKNOWN_USAGE : { ...UNKNOWN_USAGE, input: tokens, output: 0 },
  };
}

function vectorOf(embedding: Json): readonly number[] {
  const values = asArray(field(embedding, 'values'));
  const numbers = values.map((value) => asNumber(value)).filter((value) => value !== undefined);
  if (numbers.length === 0 || numbers.length < values.length) {
    throw new GatewayError(
      'upstream_garbled',
      'The provider answered a vector that is not a list of numbers.',
    );
  }
  return numbers;
}
