import type { JsonObject } from '../../base/json.ts';

/** A model as `GET /v1/models` lists it. */
export interface ListedModel {
  readonly id: string;
  readonly displayName: string;
  /** When it became available, RFC 3339. */
  readonly createdAt: string;
  readonly inputTokensMax: number | null;
  readonly outputTokensMax: number | null;
}

/** The answer of `GET /v1/models` to a client that sent `anthropic-version`; the list is never paged. */
export function encodeAnthropicModelList(models: readonly ListedModel[]): JsonObject {
  return {
    data: models.map(encodeAnthropicModel),
    has_more: false,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
  };
}

/** One model, the answer of `GET /v1/models/{id}`. */
export function encodeAnthropicModel(model: ListedModel): JsonObject {
  return {
    type: 'model',
    id: model.id,
    display_name: model.displayName,
    created_at: model.createdAt,
    max_input_tokens: model.inputTokensMax,
    max_tokens: model.outputTokensMax,
  };
}
