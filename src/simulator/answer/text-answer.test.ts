import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GenerateRequest } from '../../spec/generate.ts';
import { diceFrom } from './dice.ts';
import { textAnswer } from './text-answer.ts';
import { countTokens, firstTokens, shortened, tokenPieces } from './tokens.ts';

describe('an answer in words', () => {
  it.each([
    ['Say hello', 'hello'],
    ['Say exactly: "The end."', 'The end.'],
    ["Reply with the word 'OK' and nothing else.", 'OK'],
    ['Please repeat after me: one two', 'one two'],
    ['Respond with only: 42', '42'],
    ['What is 2+2?', '2 + 2 = 4'],
    ['What is 17 times 23?', '17 * 23 = 391'],
    ['Compute (1 + 2) * 3 - 4 / 2', '(1 + 2) * 3 - 4 / 2 = 7'],
    ['what is 2^10', '2 ^ 10 = 1024'],
    ['What is 1,000 plus 1?', '1000 + 1 = 1001'],
    ['What is the capital of the United Kingdom?', 'The capital of United Kingdom is London.'],
    ['capital of brazil please', 'The capital of Brazil is Brasília.'],
    ['Count to 5', '1, 2, 3, 4, 5'],
    ['Count from 10 to 8.', '10, 9, 8'],
    ["How many r's are there in strawberry?", 'The letter "r" occurs 3 times in "strawberry".'],
    ['Hello!', 'Hello! How can I help you today?'],
    ['', 'I did not receive a question. What can I do for you?'],
  ])('to %j is %j', (question, answer) => {
    expect(textAnswer(request(question), diceFrom('seed'))).toBe(answer);
  });

  it.each([
    ['List three trees', /^Here are 3 trees:\n\n1\. \w+\n2\. \w+\n3\. \w+$/],
    ['Who are you?', /simulated model that stands in for gpt-4\.1/],
    ['Write a function that removes duplicates', /```ts\n[\s\S]+```/],
    ['Explain the tides', /tides[\s\S]+\n\n[\s\S]+\n\n/],
  ])('to %j has the right form', (question, form) => {
    expect(textAnswer(request(question), diceFrom('seed'))).toMatch(form);
  });

  it.each([
    ['What is my name?', 'Your name is Ada. You told me: "I am Ada. My favourite colour is dark green."'],
    ['What is my favourite colour?', 'Your favourite colour is dark green.'],
    ['What is my age?', 'You have not told me your age in this conversation.'],
    ['What did I say before?', 'You wrote: "I am Ada.'],
    ['Explain the tides', 'Earlier you wrote: "I am Ada.'],
  ])('to %j looks at what was said before', (question, beginning) => {
    const answer = textAnswer(
      request('I am Ada. My favourite colour is dark green.', question),
      diceFrom('seed'),
    );
    expect(answer.startsWith(beginning), answer).toBe(true);
  });

  it('exists for every question', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (question, seed) => {
        expect(textAnswer(request(question), diceFrom(seed)).trim()).not.toBe('');
      }),
      { seed: 20_261_121 },
    );
  });
});

describe('tokens', () => {
  it('are cut without loss and without splitting characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (text, tokens) => {
        expect(tokenPieces(text).join('')).toBe(text);
        const beginning = firstTokens(text, tokens);
        expect(text.startsWith(beginning)).toBe(true);
        expect(countTokens(beginning)).toBeLessThanOrEqual(tokens);
        expect(beginning.isWellFormed()).toBe(true);
        expect(shortened(text, 20).length).toBeLessThanOrEqual(20);
      }),
      { seed: 20_261_121 },
    );
  });
});

function request(...questions: readonly string[]): GenerateRequest {
  const messages = questions.map((text) => ({
    role: 'user' as const,
    parts: [{ type: 'text' as const, text }],
  }));
  return { model: 'gpt-4.1', stream: false, messages, tools: [] };
}
