import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../simulator/faults/fault.ts';
import { INSTANT_PACE } from '../simulator/settings.ts';
import { createCrypto } from '../node/crypto.ts';
import { startSimulator, type RunningSimulator } from './simulate-server.ts';

let simulator: RunningSimulator;

beforeAll(async () => {
  simulator = await startSimulator({
    clock: {
      nowMs: () => Date.now(),
      monotonicMs: () => performance.now(),
      after: (ms, callback) => {
        const timer = setTimeout(callback, ms);
        return { cancel: () => clearTimeout(timer) };
      },
    },
    random: { next: () => 0.5, hex: (bytes) => '0'.repeat(bytes * 2) },
    crypto: createCrypto(),
    settings: { defaults: { pace: INSTANT_PACE }, providers: { locked: { keys: ['sk-right'] } } },
  });
});
afterAll(() => simulator.close());

const WEATHER = {
  name: 'get_weather',
  description: 'The weather in a city',
  schema: {
    type: 'object' as const,
    properties: { city: { type: 'string' }, unit: { type: 'string', enum: ['celsius', 'fahrenheit'] } },
    required: ['city', 'unit'],
    additionalProperties: false,
  },
};

describe('the OpenAI SDK', () => {
  const client = (): OpenAI =>
    new OpenAI({ apiKey: 'sk-test', baseURL: `${simulator.url}/v1`, maxRetries: 0 });

  it('gets an answer', async () => {
    const answer = await client().chat.completions.create({
      model: 'gpt-4.1',
      messages: [{ role: 'user', content: 'What is 2 + 2?' }],
    });
    expect(answer.choices[0]!.message.content).toBe('2 + 2 = 4');
    expect(answer.model).toBe('gpt-4.1');
  });

  it('gets a stream that adds up to the same, with usage', async () => {
    const question = {
      model: 'gpt-4.1',
      messages: [{ role: 'user' as const, content: 'Tell me about tides' }],
    };
    const whole = await client().chat.completions.create(question);
    const stream = client().chat.completions.stream({ ...question, stream_options: { include_usage: true } });
    const streamed = await stream.finalChatCompletion();
    expect(streamed.choices[0]!.message.content).toBe(whole.choices[0]!.message.content);
    expect(streamed.usage!.total_tokens).toBe(whole.usage!.total_tokens);
  });

  it('goes through a loop of parallel tools', async () => {
    const tools = [
      {
        type: 'function' as const,
        function: {
          name: WEATHER.name,
          description: WEATHER.description,
          parameters: WEATHER.schema,
          strict: true,
        },
      },
    ];
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      { role: 'user', content: 'What is the weather in Paris and Rome, in fahrenheit?' },
    ];
    const first = await client().chat.completions.create({ model: 'gpt-4.1', messages, tools });
    expect(first.choices[0]!.finish_reason).toBe('tool_calls');
    const calls = first.choices[0]!.message.tool_calls!;
    const asked = calls.map((call) =>
      call.type === 'function' ? JSON.parse(call.function.arguments) : null,
    );
    expect(asked).toEqual([
      { city: 'Paris', unit: 'fahrenheit' },
      { city: 'Rome', unit: 'fahrenheit' },
    ]);
    messages.push(first.choices[0]!.message);
    for (const call of calls)
      messages.push({ role: 'tool', tool_call_id: call.id, content: '{"sky":"clear over Gaul"}' });
    const second = await client().chat.completions.create({ model: 'gpt-4.1', messages, tools });
    expect(second.choices[0]!.finish_reason).toBe('stop');
    expect(second.choices[0]!.message.content).toContain('clear over Gaul');
  });

  it('gets JSON that satisfies its schema', async () => {
    const answer = await client().chat.completions.create({
      model: 'gpt-4.1',
      messages: [{ role: 'user', content: 'The weather in Oslo' }],
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'w', strict: true, schema: WEATHER.schema },
      },
    });
    expect(JSON.parse(answer.choices[0]!.message.content!)).toEqual({
      city: 'Oslo',
      unit: expect.stringMatching(/s$|t$/),
    });
  });

  it('gets embeddings through base64', async () => {
    const answer = await client().embeddings.create({
      model: 'text-embedding-3-small',
      input: 'the red cat',
      dimensions: 64,
    });
    expect(answer.data[0]!.embedding.length).toBe(64);
    expect(Math.hypot(...answer.data[0]!.embedding)).toBeCloseTo(1, 4);
  });

  it('throws the right classes', async () => {
    const wrong = new OpenAI({ apiKey: 'sk-wrong', baseURL: `${simulator.url}/p/locked/v1`, maxRetries: 0 });
    const messages = [{ role: 'user' as const, content: 'Hello' }];
    await expect(wrong.chat.completions.create({ model: 'gpt-4.1', messages })).rejects.toThrow(
      OpenAI.AuthenticationError,
    );
    await expect(client().chat.completions.create({ model: 'gpt-4.11', messages })).rejects.toThrow(
      OpenAI.NotFoundError,
    );
    await expect(client().chat.completions.create({ model: 'gpt-4.1#429', messages })).rejects.toThrow(
      OpenAI.RateLimitError,
    );
    await expect(
      client().chat.completions.create({ model: 'gpt-5', max_tokens: 5, messages }),
    ).rejects.toThrow('max_completion_tokens');
  });
});

describe('the Anthropic SDK', () => {
  const client = (): Anthropic => new Anthropic({ apiKey: 'sk-test', baseURL: simulator.url, maxRetries: 0 });
  const tools = [{ name: WEATHER.name, description: WEATHER.description, input_schema: WEATHER.schema }];

  it('gets an answer and a stream that adds up to the same', async () => {
    const question = {
      model: 'claude-sonnet-4-6',
      max_tokens: 500,
      messages: [{ role: 'user' as const, content: 'What is the capital of Japan?' }],
    };
    const whole = await client().messages.create(question);
    expect(whole.content[0]).toMatchObject({ type: 'text', text: 'The capital of Japan is Tokyo.' });
    const streamed = await client().messages.stream(question).finalMessage();
    expect(streamed.content).toMatchObject(whole.content);
    expect(streamed.usage.output_tokens).toBe(whole.usage.output_tokens);
  });

  it('goes through a loop of tools with signed thinking, and may not alter it', async () => {
    const settings = {
      model: 'claude-sonnet-4-6',
      max_tokens: 4000,
      tools,
      thinking: { type: 'enabled' as const, budget_tokens: 2000 },
    };
    const question = { role: 'user' as const, content: 'What is the weather in Paris and Rome?' };
    const first = await client()
      .messages.stream({ ...settings, messages: [question] })
      .finalMessage();
    expect(first.stop_reason).toBe('tool_use');
    expect(first.content.map((block) => block.type)).toEqual(['thinking', 'tool_use', 'tool_use']);
    const results = first.content.flatMap((block) =>
      block.type === 'tool_use'
        ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: '18 degrees' }]
        : [],
    );
    const turns = (content: Anthropic.ContentBlock[]): Anthropic.MessageParam[] => [
      question,
      { role: 'assistant', content: content as Anthropic.ContentBlockParam[] },
      { role: 'user', content: results },
    ];
    const second = await client().messages.create({ ...settings, messages: turns(first.content) });
    expect(second.stop_reason).toBe('end_turn');
    expect(JSON.stringify(second.content)).toContain('18 degrees');
    const altered = first.content.map((block) =>
      block.type === 'thinking' ? { ...block, thinking: 'Else.' } : block,
    );
    await expect(client().messages.create({ ...settings, messages: turns(altered) })).rejects.toThrow(
      'Invalid `signature`',
    );
    await expect(
      client().messages.create({ ...settings, messages: turns(first.content.slice(1)) }),
    ).rejects.toThrow('Expected `thinking`');
  });

  it('counts tokens as the answer does', async () => {
    const question = {
      model: 'claude-sonnet-4-6',
      messages: [{ role: 'user' as const, content: 'Count to 5' }],
    };
    const counted = await client().messages.countTokens(question);
    const answer = await client().messages.create({ ...question, max_tokens: 50 });
    expect(answer.usage.input_tokens).toBe(counted.input_tokens);
  });

  it('reads from the cache what was marked before', async () => {
    const system = [
      { type: 'text' as const, text: 'Rules. '.repeat(1200), cache_control: { type: 'ephemeral' as const } },
    ];
    const question = {
      model: 'claude-haiku-4-5',
      max_tokens: 50,
      system,
      messages: [{ role: 'user' as const, content: 'Hello' }],
    };
    const first = await client().messages.create(question);
    expect(first.usage.cache_creation_input_tokens).toBeGreaterThan(2000);
    const second = await client().messages.create(question);
    expect(second.usage.cache_read_input_tokens).toBeGreaterThan(2000);
    expect(second.usage.input_tokens).toBeLessThan(200);
  });
});

describe('faults over a socket', () => {
  const body = (stream: boolean): string =>
    JSON.stringify({ model: 'gpt-4.1', stream, messages: [{ role: 'user', content: 'Count to 30' }] });
  const fetched = (name: string, stream = true, signal: AbortSignal | null = null): Promise<Response> =>
    fetch(`${simulator.url}/p/${name}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk-test', 'content-type': 'application/json' },
      body: body(stream),
      signal,
    });
  const withFault = (kind: Fault['kind']): string => {
    const name = `fault-${kind.type}`;
    simulator.control.setFault(name, { kind });
    return name;
  };

  it.each<Fault['kind']>([{ type: 'down' }, { type: 'connection-refused' }, { type: 'reset-before-head' }])(
    '$type: no answer comes',
    async (kind) => {
      await expect(fetched(withFault(kind))).rejects.toThrow('fetch failed');
    },
  );

  it.each<Fault['kind']>([{ type: 'hang-before-head' }, { type: 'slow-first-token', delayMs: 60_000 }])(
    '$type: nothing comes in time',
    async (kind) => {
      const soon = AbortSignal.timeout(150);
      await expect(fetched(withFault(kind), false, soon)).rejects.toThrow('timeout');
    },
  );

  it.each<Fault['kind']>([
    { type: 'cut-mid-stream', afterEvents: 4 },
    { type: 'reset-mid-stream', afterEvents: 4 },
  ])('$type: the body breaks off, streamed or whole', async (kind) => {
    const response = await fetched(withFault(kind));
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('terminated');
    await expect(fetched(withFault(kind), false).then((whole) => whole.text())).rejects.toThrow(
      /terminated|failed/,
    );
  });

  it('hang-mid-stream: some events come, then nothing', async () => {
    const controller = new AbortController();
    const response = await fetched(
      withFault({ type: 'hang-mid-stream', afterEvents: 3 }),
      true,
      controller.signal,
    );
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (text.split('\n\n').length < 4) text += (await reader.read()).value ?? '';
    const more = await Promise.race([
      reader.read(),
      new Promise((resolve) => setTimeout(() => resolve('silence'), 100)),
    ]);
    expect(more).toBe('silence');
    controller.abort();
    await expect(reader.read()).rejects.toThrow('aborted');
  });

  it.each<[Fault['kind'], boolean, (text: string) => boolean]>([
    [
      { type: 'error-mid-stream', afterEvents: 3 },
      true,
      (text) => /"content"[\s\S]*"error"/.test(text) && !text.includes('[DONE]'),
    ],
    [{ type: 'error-in-200' }, true, (text) => text.startsWith('data: {"error"')],
    [{ type: 'error-in-200' }, false, (text) => text.startsWith('{"error"')],
    [{ type: 'empty-completion' }, false, (text) => JSON.parse(text).usage.completion_tokens === 0],
    [{ type: 'truncated-json' }, false, (text) => text.startsWith('{') && !text.endsWith('}')],
    [
      { type: 'missing-finish' },
      true,
      (text) => text.includes('"content"') && !/"finish_reason":"|\[DONE\]/.test(text),
    ],
    [{ type: 'duplicate-events' }, true, (text) => text.split('[DONE]').length === 3],
    [{ type: 'empty-body' }, false, (text) => text === ''],
  ])('$0.type (stream: $1): status 200 and a spoiled body', async (kind, stream, isSpoiled) => {
    const response = await fetched(withFault(kind), stream);
    expect(response.status).toBe(200);
    const text = await response.text();
    expect(isSpoiled(text), text).toBe(true);
  });

  it('html-502: the page of a proxy', async () => {
    const response = await fetched(withFault({ type: 'html-502' }));
    expect([response.status, response.headers.get('content-type')]).toEqual([502, 'text/html']);
  });

  it('wrong-content-type: events that call themselves text', async () => {
    const response = await fetched(withFault({ type: 'wrong-content-type' }));
    expect(response.headers.get('content-type')).toBe('text/plain');
    expect(await response.text()).toContain('[DONE]');
  });

  it('dribble: single bytes, whole in the end', async () => {
    const response = await fetched(withFault({ type: 'dribble', byteMs: 0 }));
    expect(await response.text()).toContain('[DONE]');
  });

  it('status: with the words to wait', async () => {
    const soon = {
      type: 'status',
      error: 'rate-limit',
      retryAfter: { type: 'milliseconds', ms: 1500 },
    } as const;
    const response = await fetched(withFault(soon));
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(response.headers.get('retry-after-ms')).toBe('1500');
  });

  it('replay: an entry of a catalogue as it stands', async () => {
    const entry = {
      id: 'x',
      phase: 'headers',
      status: 503,
      headers: { 'retry-after': '120' },
      body: '<html></html>',
    } as const;
    const response = await fetched(withFault({ type: 'replay', entry }));
    expect([response.status, response.headers.get('retry-after'), await response.text()]).toEqual([
      503,
      '120',
      '<html></html>',
    ]);
  });

  it('is well again when the fault is taken away', async () => {
    const name = withFault({ type: 'down' });
    simulator.control.setFault(name, null);
    expect((await fetched(name)).status).toBe(200);
  });
});
