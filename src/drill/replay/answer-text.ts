import { bytesToText, type Bytes } from '../../base/bytes.ts';
import { asArray, asString, fieldAt, parseJson, type Json } from '../../base/json.ts';
import type { ReplayWire } from './workload.ts';

/**
 * The words that a caller read in an answer, put together from a stream or a whole body; what cannot be read adds nothing. A
 * reader of its own, not the gateway's, so that both cannot be wrong in the same way.
 */
export function answerText(wire: ReplayWire, bytes: Bytes): string {
  const body = bytesToText(bytes);
  const payloads = /^(?:data|event|:)/.test(body) ? eventsOf(body) : [body];
  return payloads.map((payload) => textOf(wire, payload)).join('');
}

function eventsOf(body: string): readonly string[] {
  return body
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice('data:'.length));
}

function textOf(wire: ReplayWire, payload: string): string {
  const parsed = parseJson(payload);
  return parsed.type === 'ok' ? READ[wire](parsed.value) : '';
}

const READ: { readonly [wire in ReplayWire]: (value: Json) => string } = {
  chat: (value) => {
    const choice = asArray(fieldAt(value, 'choices'))[0];
    return asString(fieldAt(choice, 'delta', 'content') ?? fieldAt(choice, 'message', 'content')) ?? '';
  },
  messages: (value) => {
    const delta = asString(fieldAt(value, 'delta', 'text'));
    if (delta !== undefined) return delta;
    return asArray(fieldAt(value, 'content'))
      .map((part) => asString(fieldAt(part, 'text')) ?? '')
      .join('');
  },
};
