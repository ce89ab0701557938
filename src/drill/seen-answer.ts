import { bytesToText, type Bytes } from '../base/bytes.ts';
import { asArray, asString, field, fieldAt, parseJsonOr, type Json } from '../base/json.ts';

/** What a client saw of its answer: everything right, a failure that was told, or something wrong that seemed right. */
export type SeenAnswer = 'answered' | 'failed' | 'wrong';

/** An answer of the chat wire as its client holds it in the end. */
export interface ReceivedAnswer {
  readonly status: number | null;
  readonly body: Bytes;
  /** Whether it ended as HTTP ends a whole answer. */
  readonly ended: boolean;
  readonly stream: boolean;
}

/** The request for a count whose answer is known word for word. */
export function countPrompt(to: number): string {
  return `Count to ${to}, please.`;
}

/** Judges the answer to `countPrompt` by what the client holds, and by nothing that the gateway says. */
export function judgeCount(to: number, { status, body, ended, stream }: ReceivedAnswer): SeenAnswer {
  if (status !== 200 || !ended) return 'failed';
  const text = bytesToText(body);
  const read = stream ? readStream(text) : readWhole(parseJsonOr(text, null));
  if (read === null) return 'failed';
  return read === Array.from({ length: to }, (_, index) => index + 1).join(', ') ? 'answered' : 'wrong';
}

// Null where the stream says that it failed, or does not say how it finished.
function readStream(text: string): string | null {
  let said = '';
  let finished = false;
  for (const [, data = ''] of text.matchAll(/^data: (.*)$/gm)) {
    const event = parseJsonOr(data, null) ?? undefined;
    if (field(event, 'error') !== undefined) return null;
    const choice = asArray(field(event, 'choices'))[0];
    said += asString(fieldAt(choice, 'delta', 'content')) ?? '';
    finished ||= asString(field(choice, 'finish_reason')) === 'stop';
  }
  return finished ? said : null;
}

function readWhole(body: Json): string | null {
  const choice = asArray(field(body ?? undefined, 'choices'))[0];
  if (asString(field(choice, 'finish_reason')) !== 'stop') return null;
  return asString(fieldAt(choice, 'message', 'content')) ?? null;
}
