import { bytesToText } from '../../../src/base/bytes.ts';
import { header, type WireRequest } from '../../../src/spec/wire.ts';
import { markerIn } from './texts.ts';
import type { Wire } from './wires.ts';

/** What a quick provider makes of a request. */
export interface Read {
  /** Number of the client's request; -1 for a call that belongs to none, such as a probe. */
  readonly request: number;
  readonly prompt: number;
  readonly stream: boolean;
  readonly usageAsked: boolean;
  /** Whether it is asked to go on with something: as a last message of the assistant, or in words. */
  readonly mode: 'plain' | 'prefill' | 'continue';
  /** What it is to go on with. */
  readonly prefix: string;
  readonly model: string;
}

interface Turn {
  readonly role: string;
  readonly text: string;
}

/** Reads a request of any of the wires, as far as the answer depends on it. */
export function readRequest(wire: Wire, request: WireRequest): Read {
  const body = JSON.parse(bytesToText(request.body));
  const named = wire === 'gemini' ? { contents: body.contents } : body;
  return {
    ...conversation(wire === 'gemini' ? googleTurns(named.contents) : plainTurns(named.messages)),
    stream: wire === 'gemini' ? request.url.includes('streamGenerateContent') : body.stream === true,
    usageAsked: body.stream_options?.include_usage === true,
    model: typeof body.model === 'string' ? body.model : (/models\/([^:]+):/.exec(request.url)?.[1] ?? ''),
  };
}

// The question that was marked, and what stands behind it to go on with.
function conversation(turns: readonly Turn[]): Pick<Read, 'request' | 'prompt' | 'mode' | 'prefix'> {
  const asked = turns.findLastIndex(({ text }) => text.includes('[r:'));
  const found = markerIn(turns[asked]?.text ?? '');
  if (found === null) return { request: -1, prompt: 0, mode: 'plain', prefix: '' };
  const after = turns.slice(asked + 1);
  const prefix = after
    .filter(({ role }) => role !== 'user')
    .map(({ text }) => text)
    .join('');
  if (after.length === 0) return { ...found, mode: 'plain', prefix };
  return { ...found, mode: after.at(-1)?.role === 'user' ? 'continue' : 'prefill', prefix };
}

/** The secret that a request shows, in whichever header. */
export function secretOf({ headers }: WireRequest): string {
  const bearer = header(headers, 'authorization');
  return (
    bearer?.slice('Bearer '.length) ?? header(headers, 'x-api-key') ?? header(headers, 'x-goog-api-key') ?? ''
  );
}

interface ForeignPart {
  readonly text?: string;
}

interface PlainMessage {
  readonly role: string;
  readonly content?: string | readonly ForeignPart[] | null;
}

interface GoogleContent {
  readonly role?: string;
  readonly parts?: readonly ForeignPart[];
}

function plainTurns(messages: readonly PlainMessage[] = []): readonly Turn[] {
  return messages.map(({ role, content }) => ({
    role,
    text: typeof content === 'string' ? content : textOf(content ?? []),
  }));
}

function googleTurns(contents: readonly GoogleContent[] = []): readonly Turn[] {
  return contents.map(({ role = 'user', parts = [] }) => ({ role, text: textOf(parts) }));
}

function textOf(parts: readonly ForeignPart[]): string {
  return parts.map(({ text = '' }) => text).join('');
}
