import type { Protocol } from '../protocol.ts';
import { downstream } from './downstream.ts';
import { OPENAI_CHAT } from './id.ts';
import { passthrough } from './passthrough.ts';
import { upstream } from './upstream.ts';

/** OpenAI's Chat Completions, the wire that most providers and clients speak. */
export const openaiChat: Protocol = { id: OPENAI_CHAT, downstream, upstream, passthrough };
