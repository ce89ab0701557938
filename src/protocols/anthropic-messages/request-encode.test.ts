import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { GatewayError } from '../../spec/error.ts';
import type { GenerateRequest, Message } from '../../spec/generate.ts';
import type { Capabilities, ReasoningCapability } from '../../spec/model.ts';
import type { EncodeTarget } from '../protocol.ts';
import { SEED } from '../testing/arbitraries.ts';
import { PLAIN_TARGET } from '../testing/describe-protocol.ts';
import { decodeCallId, encodeCallId, encodeToolName } from './names.ts';
import { anthropicMessages } from './protocol.ts';
import { historyFaults, type WireTurn } from './testing/history.ts';

const { upstream, downstream } = anthropicMessages;
const BUDGET: ReasoningCapability = { type: 'budget', minTokens: 1024, maxTokens: 64_000 };
const ADAPTIVE: ReasoningCapability = { type: 'adaptive', efforts: ['low', 'medium', 'high', 'max'] };
const WEATHER = { type: 'function', name: 'weather', inputSchema: { type: 'object' } } as const;

describe('limits and sampling', () => {
  it.each<[string, Partial<GenerateRequest>, Partial<Capabilities>, JsonObject, readonly string[]]>([
    [
      'takes the model limit where none is asked',
      {},
      { outputTokensMax: 64_000 },
      { max_tokens: 64_000 },
      [],
    ],
    ['has a limit where nobody names one', {}, {}, { max_tokens: 8192 }, []],
    [
      'lowers a limit beyond the model',
      { maxOutputTokens: 9000 },
      { outputTokensMax: 4096 },
      { max_tokens: 4096 },
      ['clamped maxOutputTokens'],
    ],
    ['clamps temperature', { temperature: 1.7 }, {}, { temperature: 1 }, ['clamped temperature']],
    [
      'keeps one of two',
      { temperature: 0.3, topP: 0.9 },
      { sampling: 'one-of' },
      { temperature: 0.3, top_p: undefined },
      ['dropped topP'],
    ],
    [
      'drops sampling',
      { temperature: 0.3, topK: 5 },
      { sampling: 'none' },
      { temperature: undefined, top_k: undefined },
      ['dropped temperature', 'dropped topK'],
    ],
    ['drops blank stops', { stop: ['END', ' '] }, {}, { stop_sequences: ['END'] }, ['dropped stop']],
    ['passes an opaque user id', { userId: 'user_7-a' }, {}, { metadata: { user_id: 'user_7-a' } }, []],
    ['drops an address', { userId: 'ann@example.org' }, {}, { metadata: undefined }, ['dropped userId']],
    ['maps a tier', { serviceTier: 'default' }, {}, { service_tier: 'standard_only' }, []],
    [
      'drops an unknown tier',
      { serviceTier: 'flex' },
      {},
      { service_tier: undefined },
      ['dropped serviceTier'],
    ],
    [
      'drops what it has no form for',
      { seed: 1, logitBias: {} },
      {},
      {},
      ['dropped seed', 'dropped logitBias'],
    ],
  ])('%s', (...[, request, capabilities, expected, remarks]) => {
    const { body, said } = encode(request, capabilities);
    const found = Object.fromEntries(Object.keys(expected).map((key) => [key, body[key]]));
    expect(found).toEqual(expected);
    expect(said).toEqual(remarks);
  });

  it('refuses more than one candidate', () => {
    expect(() => encode({ candidates: 2 })).toThrow(GatewayError);
  });
});

describe('reasoning', () => {
  it.each<
    [
      string,
      Partial<GenerateRequest>,
      ReasoningCapability,
      Json | undefined,
      Json | undefined,
      number,
      readonly string[],
    ]
  >([
    [
      'effort as a budget',
      { reasoning: { effort: 'low' }, maxOutputTokens: 9000 },
      BUDGET,
      { type: 'enabled', budget_tokens: 4096 },
      undefined,
      9000,
      [],
    ],
    [
      'a budget as it is',
      { reasoning: { budgetTokens: 31_999 }, maxOutputTokens: 32_000 },
      BUDGET,
      { type: 'enabled', budget_tokens: 31_999 },
      undefined,
      32_000,
      [],
    ],
    [
      'a budget below the least',
      { reasoning: { budgetTokens: 100 }, maxOutputTokens: 9000 },
      BUDGET,
      { type: 'enabled', budget_tokens: 1024 },
      undefined,
      9000,
      ['clamped reasoning.budgetTokens'],
    ],
    [
      'a budget beyond the limit',
      { reasoning: { budgetTokens: 9000 }, maxOutputTokens: 5000 },
      BUDGET,
      { type: 'enabled', budget_tokens: 3976 },
      undefined,
      5000,
      ['clamped reasoning.budgetTokens'],
    ],
    [
      'a limit without room',
      { reasoning: { effort: 'high' }, maxOutputTokens: 100 },
      BUDGET,
      { type: 'enabled', budget_tokens: 1024 },
      undefined,
      1124,
      ['clamped maxOutputTokens'],
    ],
    [
      'adaptive for a budget model',
      { reasoning: { adaptive: true }, maxOutputTokens: 32_000 },
      BUDGET,
      { type: 'enabled', budget_tokens: 8192 },
      undefined,
      32_000,
      ['emulated reasoning'],
    ],
    [
      'effort for an adaptive model',
      { reasoning: { effort: 'high' } },
      ADAPTIVE,
      { type: 'adaptive' },
      { effort: 'high' },
      8192,
      [],
    ],
    [
      'an effort that it lacks',
      { reasoning: { effort: 'minimal' } },
      ADAPTIVE,
      { type: 'adaptive' },
      { effort: 'low' },
      8192,
      ['clamped reasoning.effort'],
    ],
    [
      'a budget for an adaptive model',
      { reasoning: { budgetTokens: 8000 } },
      ADAPTIVE,
      { type: 'adaptive' },
      { effort: 'medium' },
      8192,
      ['emulated reasoning.budgetTokens'],
    ],
    ['no reasoning', { reasoning: { effort: 'none' } }, ADAPTIVE, { type: 'disabled' }, undefined, 8192, []],
    [
      'a wish to see it',
      { reasoning: { adaptive: true, visible: true } },
      ADAPTIVE,
      { type: 'adaptive', display: 'summarized' },
      undefined,
      8192,
      [],
    ],
    [
      'a model that does not reason',
      { reasoning: { effort: 'high' } },
      { type: 'none' },
      undefined,
      undefined,
      8192,
      ['dropped reasoning'],
    ],
  ])('writes %s', (...[, request, reasoning, thinking, config, limit, remarks]) => {
    const { body, said } = encode(request, { reasoning });
    expect([body['thinking'], body['output_config'], body['max_tokens']]).toEqual([thinking, config, limit]);
    expect(said).toEqual(remarks);
  });

  it('never writes a budget outside of 1,024 to below the limit', () => {
    const wish = fc.oneof(
      fc.record({ budgetTokens: fc.integer({ min: -1, max: 200_000 }) }),
      fc.record({
        effort: fc.constantFrom('minimal' as const, 'low' as const, 'high' as const, 'max' as const),
      }),
    );
    fc.assert(
      fc.property(wish, fc.integer({ min: 1, max: 100_000 }), (reasoning, maxOutputTokens) => {
        const { body } = encode({ reasoning, maxOutputTokens }, { reasoning: BUDGET });
        const thinking = body['thinking'] as { type: string; budget_tokens: number };
        const budget = thinking.type === 'disabled' ? 1024 : thinking.budget_tokens;
        const limit = thinking.type === 'disabled' ? 1025 : (body['max_tokens'] as number);
        expect(budget).toBeGreaterThanOrEqual(1024);
        expect(budget).toBeLessThan(limit);
      }),
      { seed: SEED },
    );
  });

  it('relaxes a forced call beside a thinking budget, and keeps it beside adaptive thinking', () => {
    const wish = {
      tools: [WEATHER],
      toolChoice: { type: 'required' },
      reasoning: { effort: 'high' },
    } as const;
    expect(encode(wish, { reasoning: BUDGET, outputTokensMax: 64_000 }).body['tool_choice']).toEqual({
      type: 'auto',
    });
    expect(encode(wish, { reasoning: ADAPTIVE }).body['tool_choice']).toEqual({ type: 'any' });
  });

  it('lets the temperature be 1 beside thinking', () => {
    const { body, said } = encode(
      { reasoning: { adaptive: true }, temperature: 0.2, topP: 0.5 },
      { reasoning: ADAPTIVE },
    );
    expect(body).not.toHaveProperty('temperature');
    expect(body).not.toHaveProperty('top_p');
    expect(said).toEqual(['dropped temperature', 'dropped topP']);
  });
});

describe('histories', () => {
  const user: Message = { role: 'user', parts: [{ type: 'text', text: 'hi' }] };
  const call = { type: 'tool-call', id: 'c1', name: 'weather', arguments: '{}' } as const;
  const result: Message = {
    role: 'tool',
    parts: [{ type: 'tool-result', callId: 'c1', parts: [{ type: 'text', text: 'sunny' }], isError: false }],
  };
  const wireCall = { type: 'tool_use', id: 'c1', name: 'weather', input: {} };
  const wireResult = { type: 'tool_result', tool_use_id: 'c1', content: 'sunny' };

  it('puts results first into the turn after their calls', () => {
    const { messages, said } = turnsOf([user, { role: 'assistant', parts: [call] }, user, result]);
    expect(messages).toEqual([
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: [wireCall] },
      { role: 'user', content: [wireResult, { type: 'text', text: 'hi' }] },
    ]);
    expect(said).toEqual([]);
  });

  it('answers a call that nobody answered', () => {
    const { messages, said } = turnsOf([user, { role: 'assistant', parts: [call] }]);
    expect(messages.at(-1)).toMatchObject({ role: 'user', content: [{ tool_use_id: 'c1', is_error: true }] });
    expect(said).toEqual(['repaired messages']);
  });

  it('turns a result without its call into text', () => {
    const { messages, said } = turnsOf([user, result]);
    expect(JSON.stringify(messages)).toContain('A tool returned: ');
    expect(JSON.stringify(messages)).not.toContain('tool_result');
    expect(said).toEqual(['repaired messages']);
  });

  it('starts with the user', () => {
    const { messages } = turnsOf([{ role: 'assistant', parts: [{ type: 'text', text: 'hello' }] }, user]);
    expect(messages.map((message) => message.role)).toEqual(['user', 'assistant', 'user']);
  });

  it('mends any history into one that the API accepts', () => {
    const part = fc.constantFrom(call, { ...call, id: 'c2' }, { type: 'text' as const, text: 'x' });
    const message: fc.Arbitrary<Message> = fc.oneof(
      fc.constant(user),
      fc.constant(result),
      fc.uniqueArray(part, { maxLength: 3 }).map((parts): Message => ({ role: 'assistant', parts })),
      fc.constant<Message>({ role: 'system', parts: [{ type: 'text', text: 'be brief' }] }),
    );
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), fc.boolean(), (messages, midConversationSystem) => {
        expect(historyFaults(turnsOf(messages, { midConversationSystem }).messages)).toEqual([]);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  it('keeps a beginning of the answer where the model takes it, and asks to go on where it does not', () => {
    const start: Message[] = [user, { role: 'assistant', parts: [{ type: 'text', text: 'Dear ' }] }];
    expect(turnsOf(start).messages.at(-1)).toEqual({ role: 'assistant', content: 'Dear' });
    const refused = turnsOf(start, { prefill: false });
    expect(refused.messages.at(-1)?.role).toBe('user');
    expect(refused.said).toEqual(['emulated messages']);
  });

  it('drops reasoning that another wire signed and keeps its own byte for byte, before the call', () => {
    const own = { origin: 'anthropic-messages', value: 'EqQB/+==' };
    const foreign = { origin: 'gemini', value: 'x' };
    const history = (opaque: { origin: string; value: string }): Message[] => [
      user,
      { role: 'assistant', parts: [{ type: 'reasoning', text: 'hm', opaque }, call] },
      result,
    ];
    expect(turnsOf(history(own)).messages[1]?.content).toEqual([
      { type: 'thinking', thinking: 'hm', signature: 'EqQB/+==' },
      wireCall,
    ]);
    expect(turnsOf(history(foreign)).messages[1]?.content).toEqual([wireCall]);
    expect(turnsOf(history(foreign)).said).toEqual(['dropped messages']);
  });

  it('gives up thinking in an answer that was begun without', () => {
    const messages: Message[] = [user, { role: 'assistant', parts: [{ type: 'text', text: 'Dear' }] }];
    const { body, said } = encode({ messages, reasoning: { budgetTokens: 2000 } }, { reasoning: BUDGET });
    expect(body).not.toHaveProperty('thinking');
    expect(said).toEqual(['dropped reasoning']);
  });

  it('gives up thinking in an open tool loop that has none of its own', () => {
    const messages: Message[] = [user, { role: 'assistant', parts: [call] }, result];
    const { body, said } = encode({ messages, reasoning: { budgetTokens: 2000 } }, { reasoning: BUDGET });
    expect(body).not.toHaveProperty('thinking');
    expect(said).toEqual(['dropped reasoning']);
  });

  it('wraps arguments that are no JSON, and unwraps them on the way back', () => {
    const broken: Message = { role: 'assistant', parts: [{ ...call, arguments: '{"city": "Par' }] };
    const { body, said } = encode({ messages: [user, broken, result] });
    expect(said).toEqual(['repaired messages[1].parts[0].arguments']);
    expect(downstream.decodeRequest(body, {}).messages[1]).toEqual(broken);
  });

  it('keeps at most four cache breakpoints, the last ones of the messages', () => {
    const cached = (text: string): Message => ({
      role: 'user',
      parts: [{ type: 'text', text, cache: { ttl: '1h' } }],
    });
    const system: Message = { role: 'system', parts: [{ type: 'text', text: 's', cache: { ttl: '5m' } }] };
    const { body, said } = encode({ messages: [system, cached('1'), cached('2'), cached('3'), cached('4')] });
    expect(JSON.stringify(body).split('cache_control')).toHaveLength(5);
    expect(JSON.stringify(body)).toContain('{"type":"text","text":"1"}');
    expect(said).toEqual(['dropped cache']);
  });
});

describe('tools', () => {
  it('refuses a tool of another wire by its name', () => {
    const native = { type: 'native', origin: 'openai-responses', name: 'computer', value: {} } as const;
    expect(() => encode({ tools: [native] })).toThrow(
      /The tool "computer" exists only on the wire openai-responses/,
    );
  });

  it('puts the ban of parallel calls into the choice', () => {
    const wish = { tools: [WEATHER], parallelToolCalls: false } as const;
    expect(encode(wish).body['tool_choice']).toEqual({ type: 'auto', disable_parallel_tool_use: true });
  });

  it('maps ids reversibly into the pattern of the API', () => {
    const ids = fc.oneof(
      fc.string(),
      fc.string().map((id) => `gwid_${id}`),
    );
    fc.assert(
      fc.property(ids, (id) => {
        expect(encodeCallId(id)).toMatch(/^[a-zA-Z0-9_-]+$/);
        expect(decodeCallId(encodeCallId(id))).toBe(id);
      }),
      { seed: SEED },
    );
  });

  it('maps names into the pattern of the API, apart from each other, and back in the answer', () => {
    const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 300 }), { maxLength: 20 });
    fc.assert(
      fc.property(names, (list) => {
        const mapped = list.map(encodeToolName);
        expect(new Set(mapped).size).toBe(list.length);
        expect(mapped.every((name) => /^[a-zA-Z0-9_-]{1,128}$/.test(name))).toBe(true);
      }),
      { seed: SEED },
    );
    const tool = { ...WEATHER, name: 'mcp.weather/now' };
    const request = requestOf({ tools: [tool] });
    const content = [{ type: 'tool_use', id: 't', name: encodeToolName(tool.name), input: {} }];
    const { parts } = upstream.decodeResult(
      { content, stop_reason: 'tool_use' },
      { ...PLAIN_TARGET, request },
    );
    expect(parts).toMatchObject([{ name: 'mcp.weather/now' }]);
  });
});

describe('structured output', () => {
  const schema = { type: 'object', properties: { age: { type: 'integer', minimum: 0 } }, required: ['age'] };
  const output = { type: 'json-schema', schema } as const;

  it('is native where the model has it, without the keywords that the API refuses', () => {
    const { body, said } = encode({ output });
    expect(body['output_config']).toEqual({
      format: {
        type: 'json_schema',
        schema: { ...schema, properties: { age: { type: 'integer' } }, additionalProperties: false },
      },
    });
    expect(said).toEqual(['dropped output.schema']);
  });

  it('is a forced tool elsewhere, whose input comes back as the text of the answer', () => {
    const { body, said } = encode({ output }, { structuredOutput: false });
    const [tool] = body['tools'] as readonly { name: string; input_schema: Json }[];
    expect(tool?.input_schema).toEqual(schema);
    expect(body['tool_choice']).toEqual({ type: 'tool', name: tool?.name, disable_parallel_tool_use: true });
    expect(said).toEqual(['emulated output']);
    const content = [{ type: 'tool_use', id: 't', name: tool!.name, input: { age: 3 } }];
    const result = upstream.decodeResult({ content, stop_reason: 'tool_use' }, PLAIN_TARGET);
    expect(result).toMatchObject({
      parts: [{ type: 'text', text: '{"age":3}' }],
      finish: { reason: 'stop' },
    });
    const pump = upstream.decodeStream(PLAIN_TARGET);
    const parts = [
      { type: 'content_block_start', index: 0, content_block: { ...content[0]!, input: {} } },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"age":' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '3}' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: {} },
      { type: 'message_stop' },
    ].flatMap((event) => pump.push({ name: event.type, data: JSON.stringify(event) }));
    expect(parts.map((part) => ('text' in part ? part.text : '')).join('')).toBe('{"age":3}');
    expect(parts.at(-1)).toMatchObject({ type: 'finish', finish: { reason: 'stop' } });
  });

  it('leaves the caller its own tools beside the answer', () => {
    const { body } = encode({ output, tools: [WEATHER] }, { structuredOutput: false });
    expect(body['tool_choice']).toEqual({ type: 'any' });
    expect(body['tools']).toHaveLength(2);
  });

  it('is an instruction where it can be nothing else', () => {
    const { body, said } = encode({ output: { type: 'json' } });
    expect(body['system']).toContain('one JSON object');
    expect(said).toEqual(['emulated output']);
  });
});

function requestOf(request: Partial<GenerateRequest>): GenerateRequest {
  const messages: Message[] = [{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }];
  return { model: 'public', stream: false, messages, tools: [], ...request };
}

function encode(
  request: Partial<GenerateRequest>,
  capabilities: Partial<Capabilities> = {},
): { readonly body: JsonObject; readonly said: readonly string[] } {
  const target: EncodeTarget = {
    ...PLAIN_TARGET,
    capabilities: { ...PLAIN_TARGET.capabilities, ...capabilities },
  };
  const { body, warnings } = upstream.encodeRequest(requestOf(request), target);
  if (!isObject(body)) throw new Error('the body is no object');
  return { body, said: warnings.map(({ code, field }) => `${code} ${field}`) };
}

function turnsOf(messages: readonly Message[], capabilities: Partial<Capabilities> = {}) {
  const { body, said } = encode({ messages }, capabilities);
  return { messages: body['messages'] as unknown as readonly WireTurn[], said };
}
