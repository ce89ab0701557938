import { readFileSync } from 'node:fs';
import { sharedPath } from '../shared.ts';
import { at, listAt, textAt, type Value } from './oracle/reading.ts';
import { readEvents } from './oracle/sse.ts';

/** One recorded exchange of ../shared/fixtures, with its answer in one of three forms. */
export interface Recording {
  readonly id: string;
  readonly provider: string;
  /** The recorder's name of the wire: `chat`, `messages`, `generate-content`. */
  readonly api: string;
  readonly model: string;
  readonly status: number;
  readonly headers: Value;
  /** The recorded request; null where only the answer was recorded. */
  readonly request: Value;
  readonly answer: Answer;
}

export type Answer =
  | { readonly type: 'body'; readonly body: Value }
  | {
      readonly type: 'stream';
      /** The event stream: as recorded, or made of the recorded payloads where the framing was not kept. */
      readonly text: string;
      /** The payloads of its events, parsed. */
      readonly payloads: readonly Value[];
    };

interface Entry {
  readonly id: string;
  readonly provider: string;
  readonly api: string;
  readonly model: string | null;
  readonly status: number;
  readonly file: string;
}

/** All entries of the index: one line an exchange. */
export function recordedApis(): readonly string[] {
  return entries().map((entry) => entry.api);
}

/** The recorded exchanges of one wire. */
export function recordingsOf(api: string): readonly Recording[] {
  return entries()
    .filter((entry) => entry.api === api)
    .map((entry) => {
      const file = readJson(entry.file);
      const answer = answerOf(api, at(file, 'response') ?? null);
      const headers = at(file, 'response', 'headers') ?? null;
      const request = at(file, 'request', 'body') ?? null;
      return { ...entry, model: entry.model ?? '', headers, request, answer };
    });
}

/** Whether a recorder joined several answers into one: such a file is no single exchange and cannot be replayed as one. */
export function isJoined({ answer }: Recording): boolean {
  if (answer.type === 'body') return hasAnsweredCalls(answer.body);
  return answer.payloads.filter((payload) => textAt(payload, 'type') === 'message_start').length > 1;
}

// Calls that code of the provider made, in an answer that nevertheless came to its end: the client has answered them between.
function hasAnsweredCalls(body: Value): boolean {
  const calls = listAt(body, 'content').filter((block) => textAt(block, 'type') === 'tool_use');
  return calls.length > 0 && textAt(body, 'stop_reason') === 'end_turn';
}

function entries(): readonly Entry[] {
  const lines = readFileSync(sharedPath('fixtures', 'index.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Entry);
}

function readJson(file: string): Value {
  return JSON.parse(readFileSync(sharedPath('fixtures', file), 'utf8')) as Value;
}

// Gemini without `alt=sse` streams one JSON array; its items are the payloads of the same stream with it.
function answerOf(api: string, response: Value): Answer {
  const body = at(response, 'body');
  if (body !== undefined && !(api === 'generate-content' && Array.isArray(body) && isStream(body))) {
    return { type: 'body', body };
  }
  const payloads = [...listAt(response, 'chunks'), ...listAt(body)];
  if (payloads.length > 0) return { type: 'stream', text: framed(api, payloads), payloads };
  const text = textAt(response, 'sse');
  const events = readEvents(text).filter((event) => event.data.trim() !== '[DONE]');
  return { type: 'stream', text, payloads: events.map((event) => JSON.parse(event.data) as Value) };
}

function isStream(body: readonly Value[]): boolean {
  return body.some((chunk) => at(chunk, 'candidates') !== undefined);
}

function framed(api: string, payloads: readonly Value[]): string {
  const events = payloads.map((payload) => {
    const name = api === 'messages' ? `event: ${textAt(payload, 'type')}\n` : '';
    return `${name}data: ${JSON.stringify(payload)}\n\n`;
  });
  return events.join('') + (api === 'chat' ? 'data: [DONE]\n\n' : '');
}
