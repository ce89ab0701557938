import { brandText } from '../base/brand.ts';
import { arrayToBytes, bytesToText, type Bytes } from '../base/bytes.ts';
import {
  asArray,
  asString,
  field,
  fieldAt,
  isObject,
  parseJsonOr,
  type Json,
  type JsonObject,
} from '../base/json.ts';
import { SseDecoder } from '../protocols/framing/sse.ts';
import type { FetchHandler } from '../server/fetch-handler.ts';
import {
  ChatError,
  type AnswerMeta,
  type ChatAnswer,
  type ChatRequest,
  type ChatStream,
  type ChatToolCall,
} from './types.ts';

/** Where the library's own calls enter the server's addresses; no socket is involved. */
const ADDRESS = 'http://bellwether.invalid/v1/chat/completions';

/** Asks for a whole answer; throws `ChatError` where it was refused. */
export async function chat(
  handle: FetchHandler,
  request: ChatRequest,
  signal?: AbortSignal,
): Promise<ChatAnswer> {
  const response = await send(handle, { ...request, stream: false }, signal);
  const body = parseJsonOr(await response.text(), null);
  const meta = metaOf(response.headers);
  if (response.status !== 200) throw errorOf(response.status, body, meta);
  const [choice] = asArray(field(body, 'choices'));
  return {
    text: asString(fieldAt(choice, 'message', 'content')) ?? '',
    toolCalls: asArray(fieldAt(choice, 'message', 'tool_calls')).map(toolCall),
    finishReason: asString(field(choice, 'finish_reason')) ?? null,
    body: isObject(body) ? body : {},
    meta,
  };
}

/** Asks for a streamed answer; resolves when its first content is there, throws `ChatError` where it was refused. */
export async function stream(
  handle: FetchHandler,
  request: ChatRequest,
  signal?: AbortSignal,
): Promise<ChatStream> {
  const response = await send(handle, { ...request, stream: true }, signal);
  const meta = metaOf(response.headers);
  if (response.status !== 200 || response.body === null) {
    throw errorOf(response.status, parseJsonOr(await response.text(), null), meta);
  }
  const chunks = chunksOf(response.body, meta);
  return {
    meta,
    [Symbol.asyncIterator]: () => chunks,
    async *text() {
      for await (const chunk of chunks) {
        const piece = asString(fieldAt(asArray(field(chunk, 'choices'))[0], 'delta', 'content'));
        if (piece !== undefined && piece !== '') yield piece;
      }
    },
  };
}

function send(handle: FetchHandler, body: object, signal: AbortSignal | undefined): Promise<Response> {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
  return handle(new Request(ADDRESS, signal === undefined ? init : { ...init, signal }));
}

async function* chunksOf(body: ReadableStream<Uint8Array>, meta: AnswerMeta): AsyncGenerator<JsonObject> {
  const decoder = new SseDecoder();
  try {
    for await (const piece of body) {
      for (const { data } of decoder.push(bytesOf(piece))) {
        const chunk = parseJsonOr(bytesToText(data), null);
        if (field(chunk, 'error') !== undefined) throw errorOf(200, chunk, meta);
        if (isObject(chunk)) yield chunk;
      }
    }
  } catch (error) {
    if (error instanceof ChatError) throw error;
    throw new ChatError(200, 'stream_cut', error instanceof Error ? error.message : String(error), meta);
  }
}

function bytesOf(piece: Uint8Array): Bytes {
  return piece.length === 0 ? brandText<Bytes>('') : arrayToBytes(piece);
}

function toolCall(call: Json): ChatToolCall {
  return {
    id: asString(field(call, 'id')) ?? '',
    name: asString(fieldAt(call, 'function', 'name')) ?? '',
    arguments: asString(fieldAt(call, 'function', 'arguments')) ?? '',
  };
}

function errorOf(status: number, body: Json, meta: AnswerMeta): ChatError {
  const message = asString(fieldAt(body, 'error', 'message')) ?? `The gateway answered ${status}.`;
  return new ChatError(status, asString(fieldAt(body, 'error', 'code')) ?? null, message, meta);
}

function metaOf(headers: Headers): AnswerMeta {
  const own = (name: string): string | null => headers.get(`x-bellwether-${name}`);
  return {
    requestId: own('request-id') ?? '',
    provider: own('provider'),
    model: own('model'),
    attempts: Number(own('attempts') ?? 0),
    route: own('route'),
    costUsd: own('cost-usd'),
    warnings: (own('warnings') ?? '').split(', ').filter((warning) => warning !== ''),
  };
}
