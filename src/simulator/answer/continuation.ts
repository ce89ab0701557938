import type { GenerateRequest } from '../../spec/generate.ts';
import { prefill, textOf } from './conversation.ts';

/** A request to go on with an answer that broke off: the request that the answer belongs to, and what is left to say. */
export interface Continuation {
  readonly base: GenerateRequest;
  /** The part of the whole answer that the client does not have yet. */
  rest(whole: string): string;
}

/**
 * Recognises both ways in which clients resume: a trailing assistant message (prefill), and a user message that asks to
 * continue from where the assistant message before it stopped. Null for every other request.
 */
export function continuation(request: GenerateRequest): Continuation | null {
  const prefix = prefill(request);
  if (prefix !== '') return after(request, 1, prefix);
  const last = request.messages.at(-1);
  const before = request.messages.at(-2);
  if (last?.role !== 'user' || before?.role !== 'assistant' || !RESUME.test(textOf(last))) return null;
  return after(request, 2, textOf(before));
}

const RESUME =
  /\bcontinue\b[\s\S]{0,80}\b(?:exactly|where (?:it|you)|stopped|left off|cut off|broke off|interrupted)\b/i;

function after(request: GenerateRequest, dropped: number, prefix: string): Continuation {
  const base = { ...request, messages: request.messages.slice(0, -dropped) };
  return { base, rest: (whole) => remainder(whole, prefix) };
}

// A prefix of other origin (another model's words) is taken up with a sentence of its own.
function remainder(whole: string, prefix: string): string {
  if (whole.startsWith(prefix)) return whole.slice(prefix.length);
  const trimmed = prefix.trimEnd();
  if (whole.startsWith(trimmed)) return whole.slice(trimmed.length);
  const said = saidBehind(prefix, whole);
  if (said > 0) return whole.slice(said);
  return / $|\n$/.test(prefix) ? whole : ` ${whole}`;
}

// Behind words of other origin there may already be a part of the answer: the second continuation of one prefill.
function saidBehind(prefix: string, whole: string): number {
  const begin = whole.slice(0, BEGIN_CHARS);
  if (begin.length < BEGIN_CHARS) return 0;
  for (let at = prefix.indexOf(begin); at >= 0; at = prefix.indexOf(begin, at + 1)) {
    if (whole.startsWith(prefix.slice(at))) return prefix.length - at;
  }
  return 0;
}

/** So many characters are no coincidence. */
const BEGIN_CHARS = 8;
