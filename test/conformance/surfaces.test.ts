import Anthropic from '@anthropic-ai/sdk';
import { createOpenAI } from '@ai-sdk/openai';
import { OpenAIEmbeddings } from '@langchain/openai';
import { embedMany, generateText } from 'ai';
import AnthropicOld from 'anthropic-sdk-0';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MODELS, openHouse, WIRES, type House } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const openai = (): OpenAI => new OpenAI({ apiKey: house.key, baseURL: `${house.url}/v1`, maxRetries: 0 });
const anthropic = (): Anthropic => new Anthropic({ apiKey: house.key, baseURL: house.url, maxRetries: 0 });
const anthropicOld = (): AnthropicOld =>
  new AnthropicOld({ apiKey: house.key, baseURL: house.url, maxRetries: 0 });

describe('embeddings', () => {
  const inputs = ['a red cat', 'a blue sky'];

  it('come to the OpenAI SDK, which asks for base64 and decodes it', async () => {
    const packed = await openai().embeddings.create({ model: 'embeds', input: inputs, dimensions: 64 });
    const plain = await openai().embeddings.create({
      model: 'embeds',
      input: inputs,
      dimensions: 64,
      encoding_format: 'float',
    });
    expect(packed.data.map(({ index, embedding }) => [index, embedding.length])).toEqual([
      [0, 64],
      [1, 64],
    ]);
    for (const [at, { embedding }] of packed.data.entries()) {
      const same = plain.data[at]!.embedding;
      for (const [place, number] of embedding.entries()) expect(number).toBeCloseTo(same[place]!, 5);
    }
    expect(packed.usage.prompt_tokens).toBeGreaterThan(0);
    expect(packed.model).toBe('embeds');
  });

  it('come to the AI SDK', async () => {
    const provider = createOpenAI({ apiKey: house.key, baseURL: `${house.url}/v1` });
    const { embeddings, usage } = await embedMany({
      model: provider.embeddingModel('embeds'),
      values: inputs,
      maxRetries: 0,
    });
    expect(embeddings.map((embedding) => embedding.length)).toEqual([1536, 1536]);
    expect(usage.tokens).toBeGreaterThan(0);
  });

  it('come to LangChain', async () => {
    const client = new OpenAIEmbeddings({
      model: 'embeds',
      apiKey: house.key,
      maxRetries: 0,
      configuration: { baseURL: `${house.url}/v1` },
    });
    const [first, second] = await client.embedDocuments(inputs);
    expect([first!.length, second!.length]).toEqual([1536, 1536]);
    expect(first).not.toEqual(second);
  });
});

describe('the list of models', () => {
  it('comes to the OpenAI SDK', async () => {
    const names: string[] = [];
    for await (const model of openai().models.list()) names.push(model.id);
    expect(names).toEqual(expect.arrayContaining(Object.values(MODELS)));
    expect(await openai().models.retrieve(MODELS.gemini)).toMatchObject({
      id: MODELS.gemini,
      object: 'model',
    });
    await expect(openai().models.retrieve('nobody')).rejects.toThrow(OpenAI.NotFoundError);
  });

  it.each([
    ['1.x', () => anthropic()],
    ['0.x', () => anthropicOld()],
  ])('comes to the Anthropic SDK %s', async (_, client) => {
    const names: string[] = [];
    for await (const model of client().models.list()) names.push(model.id);
    expect(names).toEqual(expect.arrayContaining(Object.values(MODELS)));
    expect(await client().models.retrieve(MODELS.openai)).toMatchObject({
      id: MODELS.openai,
      type: 'model',
    });
    await expect(client().models.retrieve('nobody')).rejects.toMatchObject({ status: 404 });
  });
});

describe('counting tokens', () => {
  const messages = [{ role: 'user' as const, content: 'How long is this question, counted in tokens?' }];

  it.each(WIRES)('is as good as the answer says afterwards, on %s', async (wire) => {
    const counted = await anthropic().messages.countTokens({ model: MODELS[wire], messages });
    const old = await anthropicOld().messages.countTokens({ model: MODELS[wire], messages });
    const answer = await anthropic().messages.create({ model: MODELS[wire], messages, max_tokens: 50 });
    expect(old.input_tokens).toBe(counted.input_tokens);
    // Estimates err upwards, or a client would overrun the window.
    expect(counted.input_tokens).toBeGreaterThanOrEqual(answer.usage.input_tokens);
    expect(counted.input_tokens).toBeLessThan(answer.usage.input_tokens * 2 + 10);
  });

  it('refuses what it cannot count in the envelope that the SDK reads', async () => {
    const asked = anthropic().messages.countTokens({ model: 'nobody', messages });
    await expect(asked).rejects.toThrow(Anthropic.NotFoundError);
  });
});

describe('prompt caching', () => {
  const system = [
    { type: 'text' as const, text: 'Rules. '.repeat(1500), cache_control: { type: 'ephemeral' as const } },
  ];

  it.each(WIRES)('shows what was read from the cache, on %s', async (wire) => {
    const ask = (): Promise<Anthropic.Message> =>
      anthropic().messages.create({
        model: MODELS[wire],
        max_tokens: 50,
        system,
        messages: [{ role: 'user', content: `Say hello to ${wire}` }],
      });
    const [first, second] = [await ask(), await ask()];
    expect(second.usage.cache_read_input_tokens).toBeGreaterThan(2000);
    // The parts are disjoint: the same prompt has the same total, however it was read.
    expect(inputTotal(second.usage)).toBe(inputTotal(first.usage));
  });

  function inputTotal(usage: Anthropic.Usage): number {
    const {
      input_tokens: read,
      cache_creation_input_tokens: written,
      cache_read_input_tokens: cached,
    } = usage;
    return read + (written ?? 0) + (cached ?? 0);
  }
});

describe("a caller's own list of models", () => {
  const broken = 'openai/gpt-4.1#500';

  it('is tried in its order from the OpenAI SDK', async () => {
    const body: OpenAI.ChatCompletionCreateParamsNonStreaming & { models: string[] } = {
      model: broken,
      models: ['anthropic/claude-sonnet-4-5#529', MODELS.gemini],
      messages: [{ role: 'user', content: 'Say hello' }],
    };
    const { data, response } = await openai().chat.completions.create(body).withResponse();
    expect(data.choices[0]!.message.content).toBe('hello');
    expect(response.headers.get('x-bellwether-provider')).toBe('gemini');
    expect(response.headers.get('x-bellwether-attempts')).toBe('3');
  });

  it('is tried from the Anthropic SDK, streamed, and left alone where no fallback is wanted', async () => {
    const body: Anthropic.MessageStreamParams & { models: string[] } = {
      model: broken,
      models: [MODELS.anthropic],
      max_tokens: 50,
      messages: [{ role: 'user', content: 'Say hello' }],
    };
    const message = await anthropic().messages.stream(body).finalMessage();
    expect(message.content).toMatchObject([{ type: 'text', text: 'hello' }]);
    const alone = anthropic().messages.stream(body, { headers: { 'x-bellwether-fallback': 'off' } });
    await expect(alone.finalMessage()).rejects.toMatchObject({ status: 502 });
  });
});

describe('an address that is not served', () => {
  it('tells users of the AI SDK, which asks for responses by default, what to ask instead', async () => {
    const provider = createOpenAI({ apiKey: house.key, baseURL: `${house.url}/v1` });
    const asked = generateText({ model: provider(MODELS.openai), prompt: 'Say hello', maxRetries: 0 });
    await expect(asked).rejects.toThrow(/Responses API is not served yet.*openai\.chat/);
  });

  it('names the one that was meant, and never the root', async () => {
    const asked = async (path: string): Promise<string> =>
      (await fetch(`${house.url}${path}`, { method: 'POST', body: '{}' })).text();
    expect(await asked('/v1/chat/completion')).toContain('did you mean \\"/v1/chat/completions\\"');
    expect(await asked('/v1/quite/another')).not.toContain('did you mean');
  });
});

describe('the headers of an answer', () => {
  it.each(WIRES)('tell where it came from and what it cost, on %s', async (wire) => {
    const { response, request_id } = await openai()
      .chat.completions.create({ model: MODELS[wire], messages: [{ role: 'user', content: 'Say hello' }] })
      .withResponse();
    expect(request_id).toBe(response.headers.get('x-bellwether-request-id'));
    expect(response.headers.get('x-bellwether-provider')).toBe(wire);
    expect(response.headers.get('x-bellwether-attempts')).toBe('1');
    expect(Number(response.headers.get('x-bellwether-cost-usd'))).toBeGreaterThan(0);
  });

  it('carry the request id to the Anthropic SDK', async () => {
    const message = await anthropic().messages.create({
      model: MODELS.openai,
      max_tokens: 50,
      messages: [{ role: 'user', content: 'Say hello' }],
    });
    expect(message._request_id).toMatch(/^req_[0-9a-f]+$/);
  });
});
