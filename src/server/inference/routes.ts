import { textToBytes } from '../../base/bytes.ts';
import type { Json } from '../../base/json.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { Surface } from '../../gateway/call.ts';
import { GatewayError } from '../../spec/error.ts';
import type { ServerRequest } from '../request.ts';
import type { RouteEntry } from '../router.ts';
import { modelList, oneModel } from './models.ts';
import { CHAT_COMPLETIONS, COUNT_TOKENS, EMBEDDINGS, MESSAGES } from './surfaces.ts';

/** The addresses of the APIs that models are called through. */
export function inferenceRoutes(gateway: Gateway): readonly RouteEntry[] {
  return [
    post('/v1/chat/completions', CHAT_COMPLETIONS, gateway),
    post('/v1/embeddings', EMBEDDINGS, gateway),
    post('/v1/messages', MESSAGES, gateway),
    post('/v1/messages/count_tokens', COUNT_TOKENS, gateway),
    {
      path: '/v1/models',
      surface: CHAT_COMPLETIONS,
      methods: { GET: (request) => answerJson(request, modelList(gateway, request)) },
    },
    {
      path: '/v1/models/*',
      surface: CHAT_COMPLETIONS,
      methods: {
        GET: (request, { rest = '' }) => {
          const model = oneModel(gateway, request, rest);
          if (model === null)
            throw new GatewayError('model_not_found', `There is no model "${rest.slice(0, 128)}" here.`);
          answerJson(request, model);
        },
      },
    },
  ];
}

// SDKs whose base URL was given without /v1, or with it twice, are met at the addresses they then call.
function post(path: string, surface: Surface, gateway: Gateway): RouteEntry {
  return {
    path,
    surface,
    methods: {
      POST: (request) =>
        gateway.serve({ surface, path: {}, body: request.body, client: request, sink: request.sink }),
    },
  };
}

function answerJson({ sink }: ServerRequest, body: Json): void {
  sink.answer(200, [], textToBytes(JSON.stringify(body)));
}
