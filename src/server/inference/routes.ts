import { textToBytes } from '../../base/bytes.ts';
import type { Json } from '../../base/json.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { Surface } from '../../gateway/call.ts';
import { GatewayError } from '../../spec/error.ts';
import type { QueueApi } from '../../spec/queue.ts';
import type { QueueDesk } from '../../store/store.ts';
import type { ServerRequest } from '../request.ts';
import type { RouteEntry } from '../router.ts';
import { answerRoute } from './answers.ts';
import { modelList, oneModel } from './models.ts';
import { accept, isBackground, mentionsBackground } from '../queue/accept.ts';
import { API_SURFACES } from '../queue/api-surfaces.ts';
import { bare } from '../queue/envelope.ts';
import { CHAT_COMPLETIONS, COUNT_TOKENS, EMBEDDINGS } from './surfaces.ts';

/** The addresses of the APIs that models are called through. */
export function inferenceRoutes(gateway: Gateway, desk: QueueDesk | null): readonly RouteEntry[] {
  return [
    generate('chat', '/v1/chat/completions', gateway, desk),
    post('/v1/embeddings', EMBEDDINGS, gateway),
    generate('messages', '/v1/messages', gateway, desk),
    post('/v1/messages/count_tokens', COUNT_TOKENS, gateway),
    answerRoute(gateway),
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

// oxlint-disable-next-line max-params -- an address, what serves it, and what may put it off
function generate(api: QueueApi, path: string, gateway: Gateway, desk: QueueDesk | null): RouteEntry {
  const surface = API_SURFACES[api];
  return {
    path,
    surface,
    methods: {
      POST: (request) => {
        const { body, sink } = request;
        if (mentionsBackground(body) && isBackground(body))
          return accept({ gateway, desk }, request, bare(api, body));
        return gateway.serve({ surface, path: {}, body, client: request, sink });
      },
    },
  };
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
