import { describe, expect, it } from 'vitest';
import { answerLine } from './answer-line.ts';
import type { Answer } from './ask.ts';
import { modelAndPrompt } from './models.ts';

const ANSWER: Answer = {
  text: 'hello',
  problem: null,
  requestId: 'req_1',
  target: 'openai/gpt-4.1',
  wentOnAt: [],
  attempts: 1,
  route: 'first in order',
  simulated: false,
  firstTokenMs: 150,
  durationMs: 1_200,
  inputTokens: 7,
  outputTokens: 2,
  costUsd: '0.000042',
};

describe('the line below an answer', () => {
  it.each<readonly [string, Partial<Answer>, string]>([
    ['all that is known', {}, 'openai/gpt-4.1 · first token 150 ms, all 1.20 s · 7 in, 2 out · $0.000042'],
    [
      'what failed before',
      { attempts: 2, route: 'first in order; a/x failed (upstream_overloaded)', simulated: true },
      'openai/gpt-4.1 · attempt 2, after a/x failed (upstream_overloaded) · first token 150 ms, all 1.20 s · 7 in, 2 out · $0.000042 · simulated',
    ],
    [
      'where it went on',
      { attempts: 1, wentOnAt: ['a/x (prefill)', 'b/y (restart)'] },
      'openai/gpt-4.1 · went on at a/x (prefill) · went on at b/y (restart) · first token 150 ms, all 1.20 s · 7 in, 2 out · $0.000042',
    ],
    [
      'nothing that is unknown',
      { target: null, attempts: 0, firstTokenMs: null, inputTokens: null, costUsd: null },
      'no target · 1.20 s',
    ],
    [
      'how often it was tried where nobody answered',
      {
        target: null,
        attempts: 4,
        route: 'x; a failed (y)',
        firstTokenMs: null,
        inputTokens: null,
        costUsd: '0.00',
      },
      'no target · 4 attempts · 1.20 s · $0.00',
    ],
  ])('tells %s', (_name, change, line) => {
    expect(answerLine({ ...ANSWER, ...change })).toBe(line);
  });
});

describe('the words behind "chat"', () => {
  it.each([
    [[], ['gpt-4.1', 'auto'], 'auto', ''],
    [[], ['only'], 'only', ''],
    [['gpt-4.1'], ['auto'], 'gpt-4.1', ''],
    [['gpt-4.1', 'say', 'hello'], ['auto'], 'gpt-4.1', 'say hello'],
    [['say hello'], ['auto'], 'auto', 'say hello'],
  ])('%j over %j ask %s: "%s"', (...row) => {
    const [words, known, model, prompt] = row;
    expect(modelAndPrompt(words, known)).toEqual({ model, prompt });
  });
});
