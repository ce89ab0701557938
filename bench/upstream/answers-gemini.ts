import { ANSWER_PIECES, ANSWER_TEXT } from './answer-text.ts';
import type { Answers } from './answers.ts';

const ENVELOPE = { modelVersion: 'gemini-2.5-flash', responseId: 'kQ7vXe2PzLm4aJ4nR7cL5dE' };
const USAGE = {
  promptTokenCount: 412,
  candidatesTokenCount: 208,
  totalTokenCount: 620,
  promptTokensDetails: [{ modality: 'TEXT', tokenCount: 412 }],
};

/** Gemini's generateContent: JSON, and a stream whose chunks all carry the usage so far and end in CRLF. */
export const GEMINI_ANSWERS: Answers = {
  headers: [
    ['server-timing', 'gfet4t7; dur=412'],
    ['vary', 'Origin, X-Origin, Referer'],
    ['x-content-type-options', 'nosniff'],
    ['x-frame-options', 'SAMEORIGIN'],
    ['x-xss-protection', '0'],
  ],
  json: JSON.stringify({
    candidates: [candidate(ANSWER_TEXT, 'STOP')],
    usageMetadata: USAGE,
    ...ENVELOPE,
  }),
  before: [],
  chunks: ANSWER_PIECES.map((text) => event(candidate(text, null))),
  after: [event(candidate('', 'STOP'))],
};

function candidate(text: string, finishReason: string | null): object {
  const content = { parts: [{ text }], role: 'model' };
  return finishReason === null ? { content, index: 0 } : { content, finishReason, index: 0 };
}

function event(one: object): string {
  return `data: ${JSON.stringify({ candidates: [one], usageMetadata: USAGE, ...ENVELOPE })}\r\n\r\n`;
}
