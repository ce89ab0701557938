import type { JsonObject } from '../../base/json.ts';

/** A model as the list of models tells it. */
export interface ListedModel {
  readonly id: string;
  readonly createdAtS: number;
  readonly ownedBy: string;
}

/** The answer to `GET /v1/models`. */
export function encodeModelList(models: readonly ListedModel[]): JsonObject {
  return { object: 'list', data: models.map(encodeModel) };
}

/** The answer to `GET /v1/models/{model}`. */
export function encodeModel({ id, createdAtS, ownedBy }: ListedModel): JsonObject {
  return { id, object: 'model', created: createdAtS, owned_by: ownedBy };
}
