import { anthropicMessages } from './anthropic-messages/protocol.ts';
import { gemini } from './gemini/protocol.ts';
import { openaiChat } from './openai-chat/protocol.ts';
import type { Protocol } from './protocol.ts';

export type * from './protocol.ts';
export { anthropicMessages, gemini, openaiChat };

/** Every wire that the gateway speaks. */
export const PROTOCOLS: readonly Protocol[] = [openaiChat, anthropicMessages, gemini];
