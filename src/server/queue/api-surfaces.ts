import type { Surface } from '../../gateway/call.ts';
import type { QueueApi } from '../../spec/queue.ts';
import { CHAT_COMPLETIONS, MESSAGES } from '../inference/surfaces.ts';

/** The API behind each name under which a request may be queued. */
export const API_SURFACES: Readonly<Record<QueueApi, Surface>> = {
  chat: CHAT_COMPLETIONS,
  messages: MESSAGES,
};
