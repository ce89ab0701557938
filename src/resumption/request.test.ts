import { describe, expect, it } from 'vitest';
import { continuation } from '../simulator/answer/continuation.ts';
import type { GenerateRequest, Message } from '../spec/generate.ts';
import { Delivery, type Delivered } from './delivered.ts';
import { CONTINUE_INSTRUCTION, resumeRequest } from './request.ts';

const QUESTION: Message = { role: 'user', parts: [{ type: 'text', text: 'Why?' }] };
const REQUEST: GenerateRequest = {
  model: 'm',
  stream: true,
  messages: [QUESTION],
  tools: [],
  maxOutputTokens: 100,
  reasoning: { budgetTokens: 4096 },
};

function delivered(text: string): Delivered {
  const delivery = new Delivery();
  delivery.note({ type: 'block-start', index: 0, block: { type: 'text' } });
  delivery.note({ type: 'text-delta', index: 0, text });
  return delivery.snapshot();
}

function assistant(...texts: readonly string[]): Message {
  return { role: 'assistant', parts: texts.map((text) => ({ type: 'text', text })) };
}

describe('the request that goes on', () => {
  it('is the same one for a restart', () => {
    expect(resumeRequest(REQUEST, delivered('Because'), 'restart')).toBe(REQUEST);
  });

  it('puts the words into the mouth of the model, without white space at the end, without thinking, within the limit', () => {
    expect(resumeRequest(REQUEST, delivered('Because of \n'), 'prefill')).toEqual({
      ...REQUEST,
      messages: [QUESTION, assistant('Because of')],
      reasoning: { effort: 'none' },
      maxOutputTokens: 97,
    });
  });

  it('leaves out half a character', () => {
    const { messages } = resumeRequest(REQUEST, delivered('Because \ud83d'), 'prefill');
    expect(messages.at(-1)).toEqual(assistant('Because'));
  });

  it('goes on behind what the client had begun itself', () => {
    const request = { ...REQUEST, messages: [QUESTION, assistant('I say: ')] };
    expect(resumeRequest(request, delivered('Because'), 'prefill').messages).toEqual([
      QUESTION,
      assistant('I say: Because'),
    ]);
  });

  it('asks for one token where the limit is used up, and for no limit where there is none', () => {
    expect(resumeRequest(REQUEST, delivered('x'.repeat(1000)), 'prefill').maxOutputTokens).toBe(1);
    const { maxOutputTokens: _limit, reasoning: _reasoning, ...plain } = REQUEST;
    const resumed = resumeRequest(plain, delivered('x'), 'continue');
    expect('maxOutputTokens' in resumed || 'reasoning' in resumed).toBe(false);
  });

  it('asks in words to continue, so that the simulator understands it', () => {
    const resumed = resumeRequest(REQUEST, delivered('Because of'), 'continue');
    expect(resumed.messages).toEqual([
      QUESTION,
      assistant('Because of'),
      { role: 'user', parts: [{ type: 'text', text: CONTINUE_INSTRUCTION }] },
    ]);
    const understood = continuation(resumed);
    expect(understood?.base.messages).toEqual([QUESTION]);
    expect(understood?.rest('Because of the sun.')).toBe(' the sun.');
  });

  it('lets the simulator go on twice behind a beginning of the client', () => {
    const request = { ...REQUEST, messages: [QUESTION, assistant('I say:')] };
    const resumed = resumeRequest(request, delivered(' Because of'), 'prefill');
    expect(continuation(resumed)?.rest('Because of the sun.')).toBe(' the sun.');
  });
});
