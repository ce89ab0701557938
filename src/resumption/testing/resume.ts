import type { ResumeMethod } from '../../spec/attempt.ts';
import type { StreamPart } from '../../spec/stream.ts';
import { Continuation } from '../continuation.ts';
import { Delivery, type Delivered } from '../delivered.ts';
import type { ResumeRules } from '../ways.ts';

/** What a client has after these parts. */
export function noted(parts: readonly StreamPart[]): Delivered {
  const delivery = new Delivery();
  for (const part of parts) delivery.note(part);
  return delivery.snapshot();
}

/** What became of an attempt to go on. */
export interface Resumed {
  /** Everything that came out, without usage. */
  readonly out: readonly StreamPart[];
  readonly diverged: string | null;
  /** How many parts went in before it was given up, or all. */
  readonly read: number;
}

/** Gives all parts of an attempt to a continuation. */
export function resumeWith(
  delivered: Delivered,
  method: ResumeMethod,
  rules: ResumeRules,
  parts: readonly StreamPart[],
): Resumed {
  const continuation = new Continuation(delivered, method, rules);
  const out: StreamPart[] = [];
  let read = 0;
  for (const part of parts) {
    out.push(...continuation.push(part));
    if (continuation.diverged === null) read += 1;
  }
  out.push(...continuation.end());
  return { out: out.filter(({ type }) => type !== 'usage'), diverged: continuation.diverged, read };
}

/** Parts of an answer of one text block, in these deltas; it ends with a finish. */
export function textAnswer(deltas: readonly string[]): readonly StreamPart[] {
  return [
    ...openText(deltas),
    { type: 'block-end', index: 0 },
    { type: 'finish', finish: { reason: 'stop' } },
  ];
}

/** The same, broken off. */
export function openText(deltas: readonly string[]): readonly StreamPart[] {
  return [
    { type: 'start', id: 'answer', model: 'm' },
    { type: 'block-start', index: 0, block: { type: 'text' } },
    ...deltas.map((text): StreamPart => ({ type: 'text-delta', index: 0, text })),
  ];
}

/** Text in deltas of so many characters. */
export function deltasOf(text: string, length: number): readonly string[] {
  const deltas: string[] = [];
  for (let at = 0; at < text.length; at += length) deltas.push(text.slice(at, at + length));
  return deltas;
}
