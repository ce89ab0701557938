import { describe, expect, it } from 'vitest';
import type { GenerateRequest } from '../spec/generate.ts';
import type { StreamPart } from '../spec/stream.ts';
import { Delivery } from './delivered.ts';
import { resumeRules, waysToResume } from './ways.ts';

const REQUEST: GenerateRequest = { model: 'm', stream: true, messages: [], tools: [] };
const START: StreamPart = { type: 'start', id: 'a', model: 'm' };
const REASONING: readonly StreamPart[] = [
  { type: 'block-start', index: 0, block: { type: 'reasoning' } },
  { type: 'reasoning-delta', index: 0, text: 'hm' },
];
const REASONED: readonly StreamPart[] = [...REASONING, { type: 'block-end', index: 0 }];

function text(index: number, words: string): readonly StreamPart[] {
  return [
    { type: 'block-start', index, block: { type: 'text' } },
    { type: 'text-delta', index, text: words },
  ];
}

function call(index: number): StreamPart {
  return { type: 'block-start', index, block: { type: 'tool-call', id: 'c', name: 'f' } };
}

interface Row {
  readonly name: string;
  readonly parts: readonly StreamPart[];
  readonly request?: Partial<GenerateRequest>;
  /** `all`, `restart` or `none`. */
  readonly ways: 'all' | 'restart' | 'none';
  readonly exactOnly: boolean;
  /** Whether other reasoning may be left out, on a wire that signs it. */
  readonly dropsSigned: boolean;
}

const END: StreamPart = { type: 'finish', finish: { reason: 'stop' } };
const ROWS: readonly Row[] = [
  { name: 'nothing but the start', parts: [], ways: 'restart', exactOnly: true, dropsSigned: false },
  { name: 'open words', parts: text(0, 'Hi'), ways: 'all', exactOnly: false, dropsSigned: true },
  {
    name: 'closed words',
    parts: [...text(0, 'Hi'), { type: 'block-end', index: 0 }],
    ways: 'all',
    exactOnly: false,
    dropsSigned: true,
  },
  { name: 'white space', parts: text(0, ' \n'), ways: 'restart', exactOnly: true, dropsSigned: true },
  { name: 'open reasoning', parts: REASONING, ways: 'restart', exactOnly: true, dropsSigned: false },
  { name: 'closed reasoning', parts: REASONED, ways: 'restart', exactOnly: true, dropsSigned: true },
  {
    name: 'words behind reasoning',
    parts: [...REASONED, ...text(1, 'Hi')],
    ways: 'all',
    exactOnly: false,
    dropsSigned: true,
  },
  {
    name: 'words beside open reasoning',
    parts: [...REASONING, ...text(1, 'Hi')],
    ways: 'restart',
    exactOnly: true,
    dropsSigned: false,
  },
  {
    name: 'a tool call behind words',
    parts: [...text(0, 'Hi'), call(1)],
    ways: 'restart',
    exactOnly: true,
    dropsSigned: true,
  },
  {
    name: 'a refusal',
    parts: [{ type: 'block-start', index: 0, block: { type: 'refusal' } }],
    ways: 'restart',
    exactOnly: true,
    dropsSigned: true,
  },
  {
    name: 'media',
    parts: [
      ...text(0, 'Hi'),
      { type: 'block-start', index: 1, block: { type: 'media', mediaType: 'image/png', data: '' } },
    ],
    ways: 'restart',
    exactOnly: true,
    dropsSigned: true,
  },
  {
    name: 'structured output',
    parts: text(0, '{"a'),
    request: { output: { type: 'json' } },
    ways: 'restart',
    exactOnly: true,
    dropsSigned: true,
  },
  {
    name: 'log probabilities',
    parts: text(0, 'Hi'),
    request: { logprobs: { top: 1 } },
    ways: 'restart',
    exactOnly: true,
    dropsSigned: true,
  },
  {
    name: 'a tool that must be called',
    parts: text(0, 'Hi'),
    request: { toolChoice: { type: 'required' } },
    ways: 'restart',
    exactOnly: true,
    dropsSigned: true,
  },
  {
    name: 'several answers',
    parts: text(0, 'Hi'),
    request: { candidates: 2 },
    ways: 'none',
    exactOnly: false,
    dropsSigned: true,
  },
  {
    name: 'the whole answer',
    parts: [...text(0, 'Hi'), END],
    ways: 'none',
    exactOnly: false,
    dropsSigned: true,
  },
];

describe('the ways to go on', () => {
  it.each(ROWS)('of $name', ({ parts, request, ways, exactOnly, dropsSigned }) => {
    const delivery = new Delivery();
    for (const part of [START, ...parts]) delivery.note(part);
    const delivered = delivery.snapshot();
    const asked = { ...REQUEST, ...request };
    const wanted = { all: ['prefill', 'restart', 'continue'], restart: ['restart'], none: [] }[ways];
    expect(waysToResume(asked, delivered)).toEqual(wanted);
    expect(resumeRules(asked, delivered, { reasoningSigned: true })).toEqual({
      exactOnly,
      dropReasoning: dropsSigned,
    });
    expect(resumeRules(asked, delivered, { reasoningSigned: false })).toEqual({
      exactOnly,
      dropReasoning: true,
    });
  });
});
