import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../base/json.ts';
import { GatewayError } from '../../spec/error.ts';
import type { AssistantPart, GenerateRequest, Message } from '../../spec/generate.ts';
import type { Capabilities } from '../../spec/model.ts';
import { NO_QUIRKS, type Quirks } from '../../spec/provider.ts';
import type { EncodeTarget } from '../protocol.ts';
import { generateResult, SEED, streamOf } from '../testing/arbitraries.ts';
import { collect } from '../testing/collect.ts';
import { contextOf, PLAIN_TARGET } from '../testing/describe-protocol.ts';
import { encodeToolName, encodeUserId, nineCharacterIds } from './names.ts';
import { openaiChat } from './protocol.ts';

const { downstream, upstream } = openaiChat;

function target(quirks: Partial<Quirks> = {}, capabilities: Partial<Capabilities> = {}): EncodeTarget {
  return {
    model: 'up',
    quirks: { ...NO_QUIRKS, ...quirks },
    capabilities: { ...PLAIN_TARGET.capabilities, ...capabilities },
  };
}

const HELLO: Message = { role: 'user', parts: [{ type: 'text', text: 'Hello' }] };

function request(fields: Partial<GenerateRequest> = {}): GenerateRequest {
  return { model: 'm', stream: false, messages: [HELLO], tools: [], ...fields };
}

describe('decodeRequest', () => {
  it.each<readonly [field: string, body: JsonObject]>([
    ['body', null as unknown as JsonObject],
    ['model', { messages: [{ role: 'user', content: 'x' }] }],
    ['messages', { model: 'm' }],
    ['messages', { model: 'm', messages: [] }],
    ['messages[0]', { model: 'm', messages: ['x'] }],
    ['messages[0].role', { model: 'm', messages: [{ role: 'robot', content: 'x' }] }],
    ['messages[0].content', { model: 'm', messages: [{ role: 'user', content: 7 }] }],
    [
      'messages[0].content[1].text',
      { model: 'm', messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'text' }] }] },
    ],
    [
      'messages[0].content[0].image_url.url',
      {
        model: 'm',
        messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'ftp://x' } }] }],
      },
    ],
    [
      'messages[0].content[0].type',
      {
        model: 'm',
        messages: [
          { role: 'system', content: [{ type: 'image_url', image_url: { url: 'https://x.test/a.png' } }] },
        ],
      },
    ],
    [
      'messages[1].tool_call_id',
      {
        model: 'm',
        messages: [
          { role: 'user', content: 'x' },
          { role: 'tool', content: 'y' },
        ],
      },
    ],
    [
      'messages[0].tool_calls[0].function.name',
      { model: 'm', messages: [{ role: 'assistant', tool_calls: [{ id: 'a', function: {} }] }] },
    ],
    ['temperature', { model: 'm', messages: [{ role: 'user', content: 'x' }], temperature: 'hot' }],
    ['temperature', { model: 'm', messages: [{ role: 'user', content: 'x' }], temperature: 3 }],
    ['max_tokens', { model: 'm', messages: [{ role: 'user', content: 'x' }], max_tokens: 1.5 }],
    ['stop[1]', { model: 'm', messages: [{ role: 'user', content: 'x' }], stop: ['a', 1] }],
    ['stream', { model: 'm', messages: [{ role: 'user', content: 'x' }], stream: 'yes' }],
    [
      'tools[0].function.parameters',
      {
        model: 'm',
        messages: [{ role: 'user', content: 'x' }],
        tools: [{ type: 'function', function: { name: 'f', parameters: [] } }],
      },
    ],
    ['tool_choice', { model: 'm', messages: [{ role: 'user', content: 'x' }], tool_choice: 'perhaps' }],
    [
      'response_format.type',
      { model: 'm', messages: [{ role: 'user', content: 'x' }], response_format: { type: 'xml' } },
    ],
    [
      'reasoning_effort',
      { model: 'm', messages: [{ role: 'user', content: 'x' }], reasoning_effort: 'huge' },
    ],
  ])('names the field %s', (path, body) => {
    let field: string | undefined;
    try {
      downstream.decodeRequest(body, {});
    } catch (error) {
      field = error instanceof GatewayError ? error.detail.field : String(error);
    }
    expect(field).toBe(path);
  });

  it('takes null for not given, and keeps unknown fields', () => {
    const body = {
      model: 'm',
      messages: [{ role: 'user', content: 'Hello' }],
      tools: null,
      stop: null,
      n: 1,
      verbosity: 'low',
      store: true,
    };
    expect(downstream.decodeRequest(body, {})).toEqual(
      request({ extras: { origin: 'openai-chat', fields: { verbosity: 'low', store: true } } }),
    );
  });

  it('converts the legacy functions', () => {
    const decoded = downstream.decodeRequest(
      {
        model: 'm',
        functions: [{ name: 'now' }],
        function_call: { name: 'now' },
        messages: [
          { role: 'user', content: 'Hello' },
          { role: 'assistant', content: null, function_call: { name: 'now', arguments: '{}' } },
          { role: 'function', name: 'now', content: '12:00' },
        ],
      },
      {},
    );
    expect(decoded.tools).toMatchObject([{ type: 'function', name: 'now' }]);
    expect(decoded.toolChoice).toEqual({ type: 'tool', name: 'now' });
    const [, call, result] = decoded.messages;
    expect(call).toMatchObject({ parts: [{ type: 'tool-call', name: 'now', id: 'call_1_function' }] });
    expect(result).toMatchObject({ role: 'tool', parts: [{ callId: 'call_1_function', name: 'now' }] });
  });

  it('keeps what only this wire knows: custom tools and allowed_tools', () => {
    const custom = { type: 'custom', custom: { name: 'sql', format: { type: 'text' } } };
    const choice = { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [] } };
    const body = {
      model: 'm',
      messages: [{ role: 'user', content: 'Hello' }],
      tools: [custom],
      tool_choice: choice,
    };
    const decoded = downstream.decodeRequest(body, {});
    expect(decoded.tools).toEqual([{ type: 'native', origin: 'openai-chat', name: 'sql', value: custom }]);
    expect(upstream.encodeRequest(decoded, target())).toMatchObject({
      body: { tools: [custom], tool_choice: choice },
      warnings: [],
    });
  });
});

describe('encodeRequest', () => {
  const call: AssistantPart = { type: 'tool-call', id: 'toolu_01abc', name: 'now', arguments: '' };
  const loop: readonly Message[] = [
    HELLO,
    {
      role: 'assistant',
      parts: [{ type: 'reasoning', text: 'Hm', opaque: { origin: 'elsewhere', value: 'S' } }, call],
    },
    {
      role: 'tool',
      parts: [
        {
          type: 'tool-result',
          callId: 'toolu_01abc',
          parts: [{ type: 'text', text: 'no clock' }],
          isError: true,
        },
      ],
    },
  ];
  const cases: readonly (readonly [string, GenerateRequest, EncodeTarget, Json, readonly string[]])[] = [
    [
      'the name of the limit',
      request({ maxOutputTokens: 9 }),
      target({ maxTokensField: 'max_completion_tokens' }),
      { max_completion_tokens: 9 },
      [],
    ],
    [
      'the limit of the model',
      request({ maxOutputTokens: 9000 }),
      target({}, { outputTokensMax: 4096 }),
      { max_tokens: 4096 },
      ['clamped max_tokens'],
    ],
    [
      'the role of the system prompt',
      request({ messages: [{ role: 'system', parts: [{ type: 'text', text: 'S' }] }, HELLO] }),
      target({ systemRole: 'developer' }),
      { messages: [{ role: 'developer', content: 'S' }, {}] },
      [],
    ],
    [
      'usage in a stream',
      request({ stream: true }),
      target(),
      { stream: true, stream_options: { include_usage: true } },
      [],
    ],
    [
      'sampling bans',
      request({ temperature: 1, stop: ['x'], seed: 1 }),
      target({}, { sampling: 'none' }),
      { seed: 1 },
      ['dropped temperature', 'dropped stop'],
    ],
    [
      'one of two sampling fields',
      request({ temperature: 1, topP: 0.5 }),
      target({}, { sampling: 'one-of' }),
      { temperature: 1 },
      ['dropped top_p'],
    ],
    [
      'refused fields',
      request({ cacheKey: 'k' }),
      target({ refusedFields: ['prompt_cache_key'] }),
      {},
      ['dropped prompt_cache_key'],
    ],
    [
      'an effort that the model lacks',
      request({ reasoning: { effort: 'max' } }),
      target({}, { reasoning: { type: 'effort', efforts: ['low', 'high'] } }),
      { reasoning_effort: 'high' },
      ['clamped reasoning_effort'],
    ],
    [
      'a budget as an effort',
      request({ reasoning: { budgetTokens: 2000 } }),
      target({}, { reasoning: { type: 'effort', efforts: ['low', 'high'] } }),
      { reasoning_effort: 'low' },
      ['emulated reasoning_effort'],
    ],
    [
      'a model that cannot think',
      request({ reasoning: { effort: 'none' } }),
      target({}, { reasoning: { type: 'none' } }),
      {},
      [],
    ],
    [
      'a schema where only JSON mode is known',
      request({ output: { type: 'json-schema', schema: { type: 'object' } } }),
      target({ jsonSchema: 'json-mode' }),
      { response_format: { type: 'json_object' }, messages: [{ role: 'system' }, {}] },
      ['emulated response_format'],
    ],
    [
      'JSON mode without the word',
      request({ output: { type: 'json' } }),
      target(),
      {
        response_format: { type: 'json_object' },
        messages: [{ role: 'system', content: 'Answer with JSON only.' }, {}],
      },
      ['emulated response_format'],
    ],
    [
      'empty arguments, failed results and foreign reasoning',
      request({ messages: loop }),
      target(),
      {
        messages: [
          {},
          { content: null, tool_calls: [{ id: 'toolu_01abc', function: { arguments: '{}' } }] },
          { role: 'tool', content: 'Error:\nno clock' },
        ],
      },
      ['dropped messages[1]', 'emulated messages[2]'],
    ],
    [
      'reasoning where the provider wants it back',
      request({ messages: loop }),
      target({ reasoningField: 'reasoning_content' }),
      { messages: [{}, { reasoning_content: 'Hm' }, {}] },
      ['dropped messages[1]', 'emulated messages[2]'],
    ],
    ['metadata without store', request({ metadata: { a: 'b' } }), target(), {}, ['dropped metadata']],
    [
      'fields of another wire',
      request({ extras: { origin: 'elsewhere', fields: { context_management: {} } } }),
      target(),
      {},
      ['dropped context_management'],
    ],
    [
      'cache marks',
      request({
        messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello', cache: { ttl: '1h' } }] }],
      }),
      target({ cacheControl: true }),
      { messages: [{ content: [{ type: 'text', cache_control: { type: 'ephemeral', ttl: '1h' } }] }] },
      [],
    ],
    [
      'cache marks that nobody understands',
      request({
        messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello', cache: { ttl: '5m' } }] }],
      }),
      target(),
      { messages: [{ content: 'Hello' }] },
      ['dropped cache_control'],
    ],
  ];

  const rows = cases.map(([name, given, to, body, losses]) => [name, { given, to, body, losses }] as const);

  it.each(rows)('honours %s and reports what is lost', (_, { given, to, body, losses }) => {
    const encoded = upstream.encodeRequest(given, to);
    expect(encoded.body).toMatchObject(body as object);
    expect(encoded.warnings.map(({ code, field }) => `${code} ${field}`)).toEqual(losses);
    for (const loss of losses.filter((text) => text.startsWith('dropped') && !text.includes('['))) {
      expect(encoded.body).not.toHaveProperty(loss.slice('dropped '.length));
    }
  });

  it('moves an image out of a tool result, behind all results of the turn', () => {
    const image = {
      type: 'media' as const,
      mediaType: 'image/png',
      source: { type: 'base64' as const, data: 'QUJD' },
    };
    const results = ['a', 'b'].map((callId) => ({
      type: 'tool-result' as const,
      callId,
      parts: [image],
      isError: false,
    }));
    const { body, warnings } = upstream.encodeRequest(
      request({ messages: [HELLO, { role: 'tool', parts: results }] }),
      target(),
    );
    expect((body as { messages: { role: string }[] }).messages.map(({ role }) => role)).toEqual([
      'user',
      'tool',
      'tool',
      'user',
    ]);
    expect(warnings).toMatchObject([{ code: 'emulated' }]);
  });

  it('gives Mistral ids of nine characters, the same for a call and its result', () => {
    const { body } = upstream.encodeRequest(
      request({ messages: loop }),
      target({ toolCallIds: 'nine-alphanumeric' }),
    );
    const [, made, answered] = (
      body as { messages: { tool_calls: { id: string }[]; tool_call_id: string }[] }
    ).messages;
    expect(made!.tool_calls[0]!.id).toMatch(/^[a-zA-Z0-9]{9}$/);
    expect(answered!.tool_call_id).toBe(made!.tool_calls[0]!.id);
  });
});

describe('names', () => {
  it('maps call ids to nine characters, injectively and alike each time', () => {
    const id = fc.oneof(fc.string({ maxLength: 12 }), fc.stringMatching(/^[a-zA-Z0-9]{9}$/));
    fc.assert(
      fc.property(fc.uniqueArray(id, { maxLength: 50 }), (ids) => {
        const mapped = nineCharacterIds(ids);
        expect(new Set(mapped.values()).size).toBe(ids.length);
        expect([...mapped.values()].every((short) => /^[a-zA-Z0-9]{9}$/.test(short))).toBe(true);
        expect(nineCharacterIds(ids)).toEqual(mapped);
      }),
      { seed: SEED },
    );
  });

  it('keeps names and users within what the provider takes', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 200 }),
        fc.string({ minLength: 1, maxLength: 200 }),
        (a, b) => {
          expect(encodeToolName(a)).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
          expect(encodeUserId(a)).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
          expect(encodeToolName(a) === encodeToolName(b)).toBe(a === b);
        },
      ),
      { seed: SEED },
    );
  });
});

describe('signed state of other wires', () => {
  it.each(['anthropic-messages', 'gemini', 'elsewhere'])(
    'of %s comes home through a chat client',
    (origin) => {
      fc.assert(
        fc.property(generateResult(origin), (result) => {
          const answer = JSON.parse(JSON.stringify(downstream.encodeResult(result, contextOf()))) as {
            choices: { message: JsonObject }[];
          };
          const history = {
            model: 'm',
            messages: [{ role: 'user', content: 'x' }, answer.choices[0]!.message],
          };
          const [, turn] = downstream.decodeRequest(history, {}).messages;
          expect(turn!.parts).toEqual(result.parts);
        }),
        { seed: SEED },
      );
    },
  );

  it('keeps the order of interleaved reasoning, and the state of texts and calls', () => {
    const parts: readonly AssistantPart[] = [
      { type: 'reasoning', text: 'a', opaque: { origin: 'anthropic-messages', value: 'S1' } },
      { type: 'text', text: 'b', opaque: { origin: 'gemini', value: 'S2' } },
      { type: 'reasoning', text: null, opaque: { origin: 'anthropic-messages', value: 'S3' } },
      { type: 'tool-call', id: 'c', name: 'now', arguments: '{}', opaque: { origin: 'gemini', value: 'S4' } },
    ];
    const result = { ...collect([]).result, parts, finish: { reason: 'tool-calls' as const } };
    const answer = downstream.encodeResult(result, contextOf()) as unknown as {
      choices: { message: JsonObject }[];
    };
    const history = { model: 'm', messages: [{ role: 'user', content: 'x' }, answer.choices[0]!.message] };
    expect(downstream.decodeRequest(history, {}).messages[1]!.parts).toEqual(parts);
  });

  it('comes home from a stream that a client put together', () => {
    fc.assert(
      fc.property(generateResult('anthropic-messages'), fc.integer({ min: 1, max: 5 }), (result, size) => {
        const pump = downstream.encodeStream(contextOf());
        const events = [...streamOf(result, [size]).flatMap((part) => [...pump.push(part)]), ...pump.end()];
        const details = events.flatMap(({ data }) => {
          const delta =
            data === '[DONE]'
              ? undefined
              : (JSON.parse(data) as { choices: { delta: { reasoning_details?: Json[] } }[] }).choices[0]
                  ?.delta;
          return delta?.reasoning_details ?? [];
        });
        const signed = result.parts.filter((part) => part.type === 'reasoning' && part.opaque !== undefined);
        const history = {
          model: 'm',
          messages: [{ role: 'assistant', content: '', reasoning_details: details }],
        };
        expect(downstream.decodeRequest(history, {}).messages[0]!.parts).toEqual(signed);
      }),
      { seed: SEED },
    );
  });
});
