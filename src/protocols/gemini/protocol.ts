import type { Protocol } from '../protocol.ts';
import { downstream } from './downstream.ts';
import { GEMINI } from './id.ts';
import { passthrough } from './passthrough.ts';
import { upstream } from './upstream.ts';

/** Google's generateContent wire, as spoken by the Gemini API and by Vertex AI. */
export const gemini: Protocol = { id: GEMINI, downstream, upstream, passthrough };
