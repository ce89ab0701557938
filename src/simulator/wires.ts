import { anthropicMessages } from '../protocols/anthropic-messages/protocol.ts';
import { gemini } from '../protocols/gemini/protocol.ts';
import { openaiChat } from '../protocols/openai-chat/protocol.ts';
import type { Protocol } from '../protocols/protocol.ts';
import type { Traits } from './models.ts';
import { CHAT_RULES } from './rules/chat.ts';
import { GENERATE_CONTENT_RULES } from './rules/generate-content.ts';
import { MESSAGES_RULES } from './rules/messages.ts';
import type { Rule } from './rules/rule.ts';
import { chatSeal, contentsSeal, messagesSeal, type Seal, type Sign } from './seal.ts';
import type { WireName } from './settings.ts';

/** What is special about one wire as a simulated provider speaks it. */
export interface Wire {
  readonly name: WireName;
  readonly protocol: Protocol;
  readonly rules: readonly Rule[];
  readonly answerIdPrefix: string;
  /** Whether the prompt cache works by itself or where the request marks breakpoints. */
  readonly cache: 'implicit' | 'marked';
  seal(sign: Sign, traits: Traits): Seal;
}

/** The three wires. */
export const WIRES: { readonly [name in WireName]: Wire } = {
  chat: {
    name: 'chat',
    protocol: openaiChat,
    rules: CHAT_RULES,
    answerIdPrefix: 'chatcmpl-',
    cache: 'implicit',
    seal: chatSeal,
  },
  messages: {
    name: 'messages',
    protocol: anthropicMessages,
    rules: MESSAGES_RULES,
    answerIdPrefix: 'msg_01',
    cache: 'marked',
    seal: (sign) => messagesSeal(sign, anthropicMessages.id),
  },
  'generate-content': {
    name: 'generate-content',
    protocol: gemini,
    rules: GENERATE_CONTENT_RULES,
    answerIdPrefix: '',
    cache: 'implicit',
    seal: (sign, traits) => contentsSeal(sign, gemini.id, traits),
  },
};
