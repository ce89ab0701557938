import type { Operation, Surface } from '../../gateway/call.ts';
import { anthropicMessages } from '../../protocols/anthropic-messages/protocol.ts';
import { openaiChat } from '../../protocols/openai-chat/protocol.ts';

/** Header in which a wire's clients look for the id of their request. */
const REQUEST_ID_HEADERS: { readonly [protocol: string]: string } = {
  [openaiChat.id]: 'x-request-id',
  [anthropicMessages.id]: 'request-id',
};

function surface(protocol: Surface['protocol'], operation: Operation): Surface {
  return { protocol, operation, requestIdHeader: REQUEST_ID_HEADERS[protocol.id] ?? 'x-request-id' };
}

/** `POST /v1/chat/completions`. */
export const CHAT_COMPLETIONS = surface(openaiChat, 'generate');
/** `POST /v1/embeddings`. */
export const EMBEDDINGS = surface(openaiChat, 'embed');
/** `POST /v1/messages`. */
export const MESSAGES = surface(anthropicMessages, 'generate');
/** `POST /v1/messages/count_tokens`. */
export const COUNT_TOKENS = surface(anthropicMessages, 'count-tokens');

/** The API whose envelope suits a path that is not served: the one whose clients would call it. */
export function surfaceForPath(path: string): Surface {
  return path.startsWith('/v1/messages') ? MESSAGES : CHAT_COMPLETIONS;
}
