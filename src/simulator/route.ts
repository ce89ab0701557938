import { percentDecoded } from './percent.ts';
import type { WireName } from './settings.ts';

/** What a path asks for. */
export type Operation =
  | { readonly type: 'generate'; readonly wire: WireName; readonly path: PathFacts }
  | { readonly type: 'count'; readonly wire: WireName; readonly path: PathFacts }
  | { readonly type: 'embed'; readonly wire: WireName }
  | { readonly type: 'models'; readonly wire: WireName };

/** What the generate-content wire says in its path, and the others in the body. */
export interface PathFacts {
  readonly model?: string;
  readonly stream?: boolean;
  /** Whether a stream is an event stream (`alt=sse`) rather than a JSON array that grows. */
  readonly events?: boolean;
}

/** Finds the operation of a path, with or without a version in front; null where the provider has nothing there. */
export function operationAt(method: string, path: string, fallbackWire: WireName): Operation | null {
  const [pathname = '', query = ''] = path.split('?', 2);
  const bare = pathname.replace(VERSION, '/').replace(/\/+$/, '');
  if (method === 'GET' && bare === '/models') return { type: 'models', wire: fallbackWire };
  if (method !== 'POST') return null;
  return FIXED[bare] ?? modelMethod(bare, query);
}

const VERSION = /^\/(?:v\d+[a-z]*\d*)\//;

const FIXED: { readonly [path: string]: Operation | undefined } = {
  '/chat/completions': { type: 'generate', wire: 'chat', path: {} },
  '/embeddings': { type: 'embed', wire: 'chat' },
  '/messages': { type: 'generate', wire: 'messages', path: {} },
  '/messages/count_tokens': { type: 'count', wire: 'messages', path: {} },
};

const MODEL_METHOD = /^\/models\/([^/:]+):(generateContent|streamGenerateContent|countTokens)$/;

function modelMethod(path: string, query: string): Operation | null {
  const match = MODEL_METHOD.exec(path);
  if (match === null) return null;
  const model = percentDecoded(match[1] ?? '');
  if (match[2] === 'countTokens') return { type: 'count', wire: 'generate-content', path: { model } };
  const stream = match[2] === 'streamGenerateContent';
  const events = /(?:^|&)alt=sse(?:&|$)/.test(query);
  return { type: 'generate', wire: 'generate-content', path: { model, stream, events } };
}
