import type { Protocol } from '../protocol.ts';
import { downstream } from './downstream.ts';
import { ANTHROPIC_MESSAGES } from './id.ts';
import { passthrough } from './passthrough.ts';
import { upstream } from './upstream.ts';

/** Anthropic's Messages API, from both sides. */
export const anthropicMessages: Protocol = { id: ANTHROPIC_MESSAGES, downstream, upstream, passthrough };
