import { describe, expect, it } from 'vitest';
import { fieldAt, type Json } from '../../base/json.ts';
import type { AssistantPart, GenerateRequest, Message } from '../../spec/generate.ts';
import { UNKNOWN_CAPABILITIES, type Capabilities, type ReasoningCapability } from '../../spec/model.ts';
import { NO_QUIRKS } from '../../spec/provider.ts';
import type { EncodeTarget } from '../protocol.ts';
import { gemini } from './protocol.ts';

const { upstream } = gemini;
const BUDGET: ReasoningCapability = { type: 'budget', minTokens: 128, maxTokens: 32_768 };
const EFFORT: ReasoningCapability = { type: 'effort', efforts: ['low', 'high'] };

describe('the path', () => {
  it.each([
    ['gemini-2.5-flash', false, '/models/gemini-2.5-flash:generateContent'],
    ['gemini-2.5-flash', true, '/models/gemini-2.5-flash:streamGenerateContent?alt=sse'],
    ['models/gemini-3-pro', false, '/models/gemini-3-pro:generateContent'],
    ['tunedModels/mine-1', false, '/tunedModels/mine-1:generateContent'],
    ['gemini-2.5-flash#cut:5', false, '/models/gemini-2.5-flash%23cut%3A5:generateContent'],
  ])('of %s (streaming: %s) is %s', (model, stream, path) => {
    expect(upstream.path(model, stream)).toBe(path);
  });

  it.each(['', '../admin', 'a/b', 'a?key=1', 'a b', 'models/..', '.hidden', '%2e%2e'])(
    'refuses the model name "%s"',
    (model) => {
      expect(() => upstream.path(model, false)).toThrow(/cannot be the name/);
    },
  );
});

describe('the history', () => {
  const call: AssistantPart = {
    type: 'tool-call',
    id: 'call_1',
    name: 'weather',
    arguments: '{"city":"Rome"}',
  };
  const second: AssistantPart = { ...call, id: 'call_2', arguments: '' };

  it('gives Gemini 3 the documented value for the first call of each unsigned step, and a warning', () => {
    const { body, warnings } = encode(
      [user('Weather?'), assistant(call, second), results('call_1', 'call_2'), assistant(call)],
      'gemini-3-flash',
    );
    expect(fieldAt(body, 'contents')).toMatchObject([
      { role: 'user' },
      {
        role: 'model',
        parts: [{ thoughtSignature: 'skip_thought_signature_validator' }, { functionCall: { args: {} } }],
      },
      { role: 'user' },
      { role: 'model', parts: [{ thoughtSignature: 'skip_thought_signature_validator' }] },
    ]);
    expect(JSON.stringify(body).match(/skip_thought/g)).toHaveLength(2);
    expect(warnings.map((warning) => warning.code)).toEqual(['repaired']);
  });

  it('gives Google its own signatures back exactly', () => {
    const signed = { ...call, opaque: { origin: 'gemini', value: 'c2ln+/==' } };
    const closing: AssistantPart = {
      type: 'text',
      text: '',
      opaque: { origin: 'gemini', value: 'bGFzdA==' },
    };
    const { body, warnings } = encode(
      [user('Hi'), assistant(signed, closing), results('call_1')],
      'gemini-3-flash',
    );
    expect(fieldAt(body, 'contents')).toMatchObject([
      {},
      { parts: [{ thoughtSignature: 'c2ln+/==' }, { text: '', thoughtSignature: 'bGFzdA==' }] },
      {},
    ]);
    expect(warnings).toEqual([]);
  });

  it('drops reasoning that another provider signed, and says so', () => {
    const foreign: AssistantPart = {
      type: 'reasoning',
      text: 'hm',
      opaque: { origin: 'elsewhere', value: 'x' },
    };
    const { body, warnings } = encode([user('Hi'), assistant(foreign, { type: 'text', text: 'Yes' })]);
    expect(JSON.stringify(body)).not.toContain('hm');
    expect(warnings.map((warning) => warning.code)).toEqual(['dropped']);
  });

  it.each([
    ['gemini-2.5-flash', 'call_1', false],
    ['gemini-3-flash', 'call_1', true],
    ['gemini-flash-latest', 'call_1', true],
    ['gemini-3-flash', 'gcall_r-1_0', false],
  ])('sends %s the id %s: %s', (model, id, sent) => {
    const { body } = encode([user('Hi'), assistant({ ...call, id }), results(id)], model);
    expect(JSON.stringify(body).split(`"id":"${id}"`)).toHaveLength(sent ? 3 : 1);
  });

  it('answers calls in their order with the name of the call, whatever the order of the results', () => {
    const other: AssistantPart = { ...call, id: 'call_2', name: 'time' };
    const { body, warnings } = encode([
      user('Hi'),
      assistant(call, other),
      results('call_2', 'call_1'),
      user('So?'),
    ]);
    expect(fieldAt(body, 'contents')).toMatchObject([
      {},
      {},
      {
        role: 'user',
        parts: [
          { functionResponse: { name: 'weather', response: { output: 'result of call_1' } } },
          { functionResponse: { name: 'time', response: { output: 'result of call_2' } } },
          { text: 'So?' },
        ],
      },
    ]);
    expect(warnings).toEqual([]);
  });

  it('mends calls without results and results without calls', () => {
    const { body, warnings } = encode([user('Hi'), assistant(call), results('call_9')]);
    expect(JSON.stringify(body)).toContain('No result was recorded');
    expect(JSON.stringify(body)).toContain('Result of the tool call_9:');
    expect(warnings.map((warning) => warning.code)).toEqual(['repaired', 'repaired']);
  });

  it.each([
    ['text', 'plain', { output: 'plain' }],
    ['JSON text of an object', '{"a":1}', { a: 1 }],
    ['JSON that would come back otherwise', '{"a": 1}', { output: '{"a": 1}' }],
    [
      'a number too large for a double',
      '{"a":12345678901234567890}',
      { output: '{"a":12345678901234567890}' },
    ],
    ['an object that looks like our own', '{"error":"x"}', { output: '{"error":"x"}' }],
    ['a list', '[1]', { output: '[1]' }],
  ])('writes a result that is %s', (_, text, response) => {
    const parts = [{ type: 'text' as const, text }];
    const result: Message = {
      role: 'tool',
      parts: [{ type: 'tool-result', callId: 'call_1', parts, isError: false }],
    };
    const { body } = encode([user('Hi'), assistant(call), result]);
    expect(fieldAt(body, 'contents')).toMatchObject([
      {},
      {},
      { parts: [{ functionResponse: { response } }] },
    ]);
    const back = gemini.downstream.decodeRequest(body, { model: 'm' });
    expect(back.messages.at(-1)).toMatchObject({ parts: [{ parts, isError: false }] });
  });

  it('that was cut before a tool call gets a user turn', () => {
    const { body, warnings } = encode([assistant(call), results('call_1')]);
    expect(fieldAt(body, 'contents')).toMatchObject([{ role: 'user' }, { role: 'model' }, { role: 'user' }]);
    expect(warnings.map((warning) => warning.code)).toEqual(['repaired']);
  });

  it('wraps arguments that are no object, because Google takes nothing else', () => {
    const { body, warnings } = encode([
      user('Hi'),
      assistant({ ...call, arguments: '{"broken' }),
      results('call_1'),
    ]);
    expect(fieldAt(body, 'contents')).toMatchObject([
      {},
      { parts: [{ functionCall: { args: { arguments: '{"broken' } } }] },
      {},
    ]);
    expect(warnings.map((warning) => warning.code)).toEqual(['repaired']);
  });

  it('keeps a later system message in its place', () => {
    const late: Message = { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] };
    const { body, warnings } = encode([
      late,
      user('Hi'),
      assistant({ type: 'text', text: 'Hello' }),
      late,
      user('Bye'),
    ]);
    expect(body).toMatchObject({
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      contents: [
        {},
        {},
        { parts: [{ text: '<system-reminder>\nBe brief.\n</system-reminder>' }, { text: 'Bye' }] },
      ],
    });
    expect(warnings.map((warning) => warning.code)).toEqual(['emulated']);
  });

  it('puts images of results inside for Gemini 3 and beside for Gemini 2', () => {
    const parts = [
      { type: 'media' as const, mediaType: 'image/png', source: { type: 'base64' as const, data: 'AA==' } },
    ];
    const result: Message = {
      role: 'tool',
      parts: [{ type: 'tool-result', callId: 'call_1', parts, isError: false }],
    };
    const signed = { ...call, opaque: { origin: 'gemini', value: 's' } };
    const messages = [user('Hi'), assistant(signed), result];
    const inlineData = { mimeType: 'image/png', data: 'AA==' };
    expect(fieldAt(encode(messages, 'gemini-3-flash').body, 'contents')).toMatchObject([
      {},
      {},
      { parts: [{ functionResponse: { parts: [{ inlineData }] } }] },
    ]);
    const two = encode(messages);
    expect(fieldAt(two.body, 'contents')).toMatchObject([
      {},
      {},
      { parts: [{ functionResponse: {} }, { inlineData }] },
    ]);
    expect(two.warnings.map((warning) => warning.code)).toEqual(['emulated']);
  });
});

describe('tools', () => {
  const long = `mcp__${'a'.repeat(80)}`;

  it('with names that Google refuses are renamed there and back', () => {
    const tools = [{ type: 'function' as const, name: long, inputSchema: { type: 'object' } }];
    const request = { ...requestOf([user('Hi')]), tools, toolChoice: { type: 'tool' as const, name: long } };
    const { body } = upstream.encodeRequest(request, targetOf('gemini-2.5-flash'));
    const name = /"allowedFunctionNames":\["([^"]+)"\]/.exec(JSON.stringify(body))?.[1] ?? '';
    expect(name).toMatch(/^[a-zA-Z_][a-zA-Z0-9_.-]{0,63}$/);
    const answer = {
      candidates: [{ content: { parts: [{ functionCall: { name, args: {} } }] }, finishReason: 'STOP' }],
    };
    const target = { ...targetOf('gemini-2.5-flash'), request };
    expect(upstream.decodeResult(answer, target).parts).toMatchObject([{ type: 'tool-call', name: long }]);
    const events = upstream.decodeStream(target).push({ name: '', data: JSON.stringify(answer) });
    expect(events).toContainEqual(
      expect.objectContaining({ block: expect.objectContaining({ name: long }) }),
    );
  });

  it('built into another wire are refused by name', () => {
    const tools = [{ type: 'native' as const, name: 'web_search', origin: 'elsewhere', value: {} }];
    const request = { ...requestOf([user('Hi')]), tools };
    expect(() => upstream.encodeRequest(request, targetOf('gemini-2.5-flash'))).toThrow(
      /"web_search" of the elsewhere wire/,
    );
  });

  it('push JSON output aside on Gemini 2 only', () => {
    const tools = [{ type: 'function' as const, name: 'f', inputSchema: { type: 'object' } }];
    const request = { ...requestOf([user('Hi')]), tools, output: { type: 'json' as const } };
    expect(upstream.encodeRequest(request, targetOf('gemini-2.5-flash')).warnings).toMatchObject([
      { code: 'dropped', field: 'output' },
    ]);
    expect(upstream.encodeRequest(request, targetOf('gemini-3-flash')).body).toMatchObject({
      generationConfig: { responseMimeType: 'application/json' },
    });
  });
});

describe('reasoning', () => {
  it.each<[string, ReasoningCapability, GenerateRequest['reasoning'], Json | undefined, number]>([
    ['gemini-2.5-flash', BUDGET, { effort: 'none', visible: true }, { thinkingBudget: 0 }, 0],
    ['gemini-2.5-pro', BUDGET, { effort: 'none' }, { thinkingBudget: 128 }, 1],
    [
      'gemini-2.5-pro',
      BUDGET,
      { effort: 'low', visible: true },
      { thinkingBudget: 4096, includeThoughts: true },
      0,
    ],
    ['gemini-2.5-pro', BUDGET, { effort: 'high' }, { thinkingBudget: 24_576 }, 0],
    ['gemini-2.5-pro', BUDGET, { effort: 'max' }, { thinkingBudget: -1 }, 0],
    ['gemini-2.5-pro', BUDGET, { adaptive: true }, { thinkingBudget: -1 }, 0],
    ['gemini-2.5-pro', BUDGET, { budgetTokens: 100_000 }, { thinkingBudget: 32_768 }, 1],
    ['gemini-3-pro', EFFORT, { effort: 'low' }, { thinkingLevel: 'LOW' }, 0],
    ['gemini-3-pro', EFFORT, { effort: 'medium' }, { thinkingLevel: 'HIGH' }, 1],
    ['gemini-3-pro', EFFORT, { effort: 'none' }, { thinkingLevel: 'LOW' }, 1],
    [
      'gemini-3-pro',
      EFFORT,
      { effort: 'max', visible: false },
      { thinkingLevel: 'HIGH', includeThoughts: false },
      0,
    ],
    ['gemini-3-pro', EFFORT, { budgetTokens: 20_000 }, { thinkingLevel: 'HIGH' }, 1],
    ['gemini-2.0-flash', { type: 'none' }, { effort: 'high', visible: true }, undefined, 1],
    ['gemini-x', { type: 'fixed' }, { visible: true }, { includeThoughts: true }, 0],
  ])('of %s (%j) for %j is %j', (...[model, reasoning, settings, thinkingConfig, warned]) => {
    const request = {
      ...requestOf([user('Hi')]),
      ...(settings === undefined ? {} : { reasoning: settings }),
    };
    const { body, warnings } = upstream.encodeRequest(request, targetOf(model, { reasoning }));
    expect(fieldAt(body, 'generationConfig', 'thinkingConfig')).toEqual(thinkingConfig);
    expect(warnings).toHaveLength(warned);
  });
});

describe('settings', () => {
  it.each<[string, Partial<GenerateRequest>, Partial<Capabilities>, Json | undefined, readonly string[]]>([
    ['a temperature above the scale', { temperature: 3 }, {}, { temperature: 2 }, ['clamped temperature']],
    [
      'six stop strings',
      { stop: ['1', '2', '3', '4', '5', '6'] },
      {},
      { stopSequences: ['1', '2', '3', '4', '5'] },
      ['dropped stop'],
    ],
    [
      'more output than the model has',
      { maxOutputTokens: 99 },
      { outputTokensMax: 50 },
      { maxOutputTokens: 50 },
      ['clamped maxOutputTokens'],
    ],
    ['a wide seed', { seed: 2 ** 40 }, {}, undefined, ['dropped seed']],
    [
      'sampling that the model refuses',
      { temperature: 1, topP: 1 },
      { sampling: 'none' },
      undefined,
      ['dropped temperature'],
    ],
    [
      'both samplings where one is allowed',
      { temperature: 1, topP: 0.5 },
      { sampling: 'one-of' },
      { temperature: 1 },
      ['dropped topP'],
    ],
    [
      'logprobs',
      { logprobs: { top: 30 } },
      {},
      { responseLogprobs: true, logprobs: 20 },
      ['clamped logprobs'],
    ],
    [
      'what Gemini has no field for',
      { logitBias: { a: 1 }, metadata: { a: 'b' }, userId: 'u' },
      {},
      undefined,
      ['dropped logitBias', 'dropped metadata', 'dropped userId'],
    ],
    ['an unknown tier', { serviceTier: 'scale' }, {}, undefined, ['dropped serviceTier']],
    [
      'fields of another wire',
      { extras: { origin: 'elsewhere', fields: { store: true } } },
      {},
      undefined,
      ['dropped store'],
    ],
    [
      'a schema',
      { output: { type: 'json-schema', schema: { type: 'object' } } },
      {},
      { responseMimeType: 'application/json', responseJsonSchema: { type: 'object' } },
      [],
    ],
    [
      'a schema for a model that cannot',
      { output: { type: 'json-schema', schema: {} } },
      { structuredOutput: false },
      { responseMimeType: 'application/json' },
      ['emulated output'],
    ],
  ])('say %s', (...[, settings, capabilities, generationConfig, warned]) => {
    const request = { ...requestOf([user('Hi')]), ...settings };
    const { body, warnings } = upstream.encodeRequest(request, targetOf('gemini-2.5-flash', capabilities));
    expect(fieldAt(body, 'generationConfig')).toEqual(generationConfig);
    expect(warnings.map(({ code, field }) => `${code} ${field}`)).toEqual(warned);
  });

  it('leave out what the provider refuses', () => {
    const target = {
      ...targetOf('gemini-2.5-flash'),
      quirks: { ...NO_QUIRKS, refusedFields: ['topK', 'serviceTier'] },
    };
    const { body, warnings } = upstream.encodeRequest(
      { ...requestOf([user('Hi')]), topK: 3, topP: 1, serviceTier: 'flex' },
      target,
    );
    expect(body).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
      generationConfig: { topP: 1 },
    });
    expect(warnings.map(({ field }) => field).toSorted()).toEqual(['serviceTier', 'topK']);
  });
});

function encode(
  messages: readonly Message[],
  model = 'gemini-2.5-flash',
): ReturnType<typeof upstream.encodeRequest> {
  return upstream.encodeRequest(requestOf(messages), targetOf(model));
}

function requestOf(messages: readonly Message[]): GenerateRequest {
  return { model: 'public', stream: false, messages, tools: [] };
}

function targetOf(model: string, capabilities: Partial<Capabilities> = {}): EncodeTarget {
  return { model, capabilities: { ...UNKNOWN_CAPABILITIES, ...capabilities }, quirks: NO_QUIRKS };
}

function user(text: string): Message {
  return { role: 'user', parts: [{ type: 'text', text }] };
}

function assistant(...parts: readonly AssistantPart[]): Message {
  return { role: 'assistant', parts };
}

function results(...ids: readonly string[]): Message {
  const parts = ids.map((callId) => ({
    type: 'tool-result' as const,
    callId,
    parts: [{ type: 'text' as const, text: `result of ${callId}` }],
    isError: false,
  }));
  return { role: 'tool', parts };
}
