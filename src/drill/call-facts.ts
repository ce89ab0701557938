import { bytesToText } from '../base/bytes.ts';
import { asString, field, parseJsonOr } from '../base/json.ts';
import type { WireRequest } from '../spec/wire.ts';

/** What a fault has to know about the call that it breaks. */
export interface CallFacts {
  /** The model's name at the provider; empty where the call names none. */
  readonly model: string;
  readonly stream: boolean;
  /** Whether it asks for an answer of a model, and not for embeddings, a number of tokens or a list. */
  readonly generates: boolean;
}

/** Reads them from a call on any wire: Gemini says model and method in the path, the others say all in the body. */
export function callFacts({ method, url, body }: WireRequest): CallFacts {
  const path = url.split('?', 1)[0] ?? '';
  const inPath = /\/models\/([^/:]+):(\w+)$/.exec(path);
  if (inPath !== null) {
    const [, model = '', operation = ''] = inPath;
    return {
      model,
      stream: operation === 'streamGenerateContent',
      generates: operation.endsWith('enerateContent'),
    };
  }
  const json = parseJsonOr(bytesToText(body), null);
  return {
    model: asString(field(json ?? undefined, 'model')) ?? '',
    stream: field(json ?? undefined, 'stream') === true,
    generates: method === 'POST' && /\/(?:chat\/completions|messages)$/.test(path),
  };
}
