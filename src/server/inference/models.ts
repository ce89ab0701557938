import type { Json } from '../../base/json.ts';
import type { Gateway, PublicModel } from '../../gateway/gateway.ts';
import { encodeAnthropicModel, encodeAnthropicModelList } from '../../protocols/anthropic-messages/models.ts';
import { encodeModel, encodeModelList } from '../../protocols/openai-chat/models.ts';
import type { ServerRequest } from '../request.ts';

/** The list of public models and routes, in the form of the API whose client asks. */
export function modelList(gateway: Gateway, request: ServerRequest): Json {
  const models = gateway.modelsFor(request);
  return isAnthropicClient(request)
    ? encodeAnthropicModelList(models.map(anthropicModel))
    : encodeModelList(models.map(chatModel));
}

/** One public model or route, null where there is none of this name. */
export function oneModel(gateway: Gateway, request: ServerRequest, name: string): Json | null {
  const model = gateway.modelsFor(request).find((each) => each.name === name);
  if (model === undefined) return null;
  return isAnthropicClient(request)
    ? encodeAnthropicModel(anthropicModel(model))
    : encodeModel(chatModel(model));
}

// Both APIs list models at the same address; Anthropic's clients say which version of theirs they speak.
function isAnthropicClient(request: ServerRequest): boolean {
  return request.header('anthropic-version') !== undefined;
}

function anthropicModel(model: PublicModel): Parameters<typeof encodeAnthropicModel>[0] {
  return {
    id: model.name,
    displayName: model.name,
    createdAt: new Date(model.sinceMs).toISOString(),
    inputTokensMax: model.contextTokensMax,
    outputTokensMax: model.outputTokensMax,
  };
}

function chatModel(model: PublicModel): Parameters<typeof encodeModel>[0] {
  return { id: model.name, createdAtS: Math.floor(model.sinceMs / 1000), ownedBy: 'bellwether' };
}
