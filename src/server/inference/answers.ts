import { textToBytes } from '../../base/bytes.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import { GatewayError } from '../../spec/error.ts';
import type { FinishedAnswer } from '../../store/store.ts';
import type { ServerRequest } from '../request.ts';
import type { RouteEntry } from '../router.ts';
import { CHAT_COMPLETIONS } from './surfaces.ts';

/** `GET /v1/answers/{request-id}`: the kept answer to a request whose client lost its connection. */
export function answerRoute(gateway: Gateway): RouteEntry {
  return {
    path: '/v1/answers/:id',
    surface: CHAT_COMPLETIONS,
    methods: { GET: (request, { id = '' }) => giveAnswer(gateway, request, id) },
  };
}

async function giveAnswer(gateway: Gateway, request: ServerRequest, id: string): Promise<void> {
  const found = await gateway.answerOf(request, id);
  switch (found.type) {
    case 'answer':
      send(request, found.answer);
      return;
    case 'running':
      request.sink.answer(202, ['retry-after', '1'], json({ request_id: id, status: 'running' }));
      return;
    case 'expired':
      request.sink.answer(410, [], json({ request_id: id, status: 'expired' }));
      return;
    case 'unknown':
      throw new GatewayError(
        'not_found',
        'There is no kept answer of this id for this key. Answers are kept where failover.keep_answers_s says so.',
      );
    case 'unavailable':
      throw new GatewayError(
        'store_unavailable',
        'Kept answers cannot be read at present; ask again in a moment.',
      );
  }
}

function send(
  { sink }: ServerRequest,
  { status, headers, stream, body, trailers, whole }: FinishedAnswer,
): void {
  if (!stream) {
    sink.answer(status, headers, body);
    return;
  }
  sink.open(headers);
  sink.write(body);
  if (whole) sink.end(trailers);
  else sink.cut();
}

function json(body: object) {
  return textToBytes(`${JSON.stringify(body)}\n`);
}
