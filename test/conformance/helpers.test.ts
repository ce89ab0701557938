import Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { tool as langchainTool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { generateText, isStepCount, Output, streamText, tool } from 'ai';
import AnthropicOld from 'anthropic-sdk-0';
import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MODELS, openHouse, WIRES, type House } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const QUESTION = 'What is the weather in Paris and Rome?';
const CITY = z.object({ city: z.string() });
const CITY_SCHEMA = {
  type: 'object' as const,
  properties: { city: { type: 'string' as const } },
  required: ['city'],
};
const PLACE = z.object({ city: z.string(), inhabitants: z.number().int() });
const report = ({ city }: { readonly city: string }): string => `sun over ${city}`;

describe.each(WIRES)("the libraries' own helpers, on %s", (wire) => {
  const model = MODELS[wire];
  const openai = (): OpenAI => new OpenAI({ apiKey: house.key, baseURL: `${house.url}/v1`, maxRetries: 0 });
  const anthropic = (): Anthropic => new Anthropic({ apiKey: house.key, baseURL: house.url, maxRetries: 0 });
  const sdk = () =>
    createOpenAICompatible({
      name: 'bellwether',
      apiKey: house.key,
      baseURL: `${house.url}/v1`,
      supportsStructuredOutputs: true,
    })(model);

  it('openai runs tools by itself', async () => {
    const runner = openai().chat.completions.runTools({
      model,
      messages: [{ role: 'user', content: QUESTION }],
      stream: true,
      tools: [
        {
          type: 'function',
          function: {
            name: 'get_weather',
            description: 'The weather in a city.',
            parameters: CITY_SCHEMA,
            parse: (text: string) => CITY.parse(JSON.parse(text)),
            function: (input: z.infer<typeof CITY>) => report(input),
          },
        },
      ],
    });
    expect(await runner.finalContent()).toMatch(/sun over Paris[\s\S]*sun over Rome/);
  });

  it('openai parses an answer into its schema', async () => {
    const { choices } = await openai().chat.completions.parse({
      model,
      messages: [{ role: 'user', content: 'Tell me about the city of Oslo' }],
      response_format: zodResponseFormat(PLACE, 'place'),
    });
    expect(choices[0]!.message.parsed).toMatchObject({ city: 'Oslo' });
  });

  const weather = betaTool({
    name: 'get_weather',
    description: 'The weather in a city.',
    inputSchema: { ...CITY_SCHEMA, required: ['city'] } as const,
    run: report,
  });
  const asked = { model, max_tokens: 1000, messages: [{ role: 'user' as const, content: QUESTION }] };

  // It asks for a conversation that the server holds, and must be told in its words that there is none.
  it('anthropic runs tools by itself', async () => {
    const runner = anthropic().beta.messages.toolRunner({ ...asked, tools: [weather] });
    const { content } = await runner.runUntilDone();
    expect(JSON.stringify(content)).toMatch(/sun over Paris[\s\S]*sun over Rome/);
  });

  it('anthropic runs tools by itself, streamed', async () => {
    const runner = anthropic().beta.messages.toolRunner({ ...asked, tools: [weather], stream: true });
    let text = '';
    for await (const stream of runner) {
      stream.on('text', (piece) => {
        text += piece;
      });
      await stream.finalMessage();
    }
    expect(text).toMatch(/sun over Paris[\s\S]*sun over Rome/);
  });

  it('anthropic 0.x asks its beta address', async () => {
    const client = new AnthropicOld({ apiKey: house.key, baseURL: house.url, maxRetries: 0 });
    const stream = client.beta.messages.stream({
      model,
      max_tokens: 100,
      betas: ['interleaved-thinking-2025-05-14'],
      messages: [{ role: 'user', content: 'Say hello' }],
    });
    expect((await stream.finalMessage()).content).toMatchObject([{ type: 'text', text: 'hello' }]);
  });

  it('anthropic accepts a bearer token', async () => {
    const client = new AnthropicOld({
      apiKey: null,
      authToken: house.key,
      baseURL: house.url,
      maxRetries: 0,
    });
    const message = await client.messages.create({
      model,
      max_tokens: 100,
      messages: [{ role: 'user', content: 'Say hello' }],
    });
    expect(message.content).toMatchObject([{ type: 'text', text: 'hello' }]);
  });

  it('the AI SDK runs tools by itself, streamed', async () => {
    const { textStream, steps } = streamText({
      model: sdk(),
      prompt: QUESTION,
      tools: { get_weather: tool({ inputSchema: CITY, execute: async (input) => report(input) }) },
      stopWhen: isStepCount(4),
      maxRetries: 0,
    });
    let text = '';
    for await (const piece of textStream) text += piece;
    expect(text).toMatch(/sun over Paris[\s\S]*sun over Rome/);
    expect(await steps).toHaveLength(2);
  });

  it('the AI SDK streams an object as it grows', async () => {
    const { partialOutputStream, output } = streamText({
      model: sdk(),
      prompt: 'Tell me about the city of Oslo',
      output: Output.object({ schema: PLACE }),
      maxRetries: 0,
    });
    const seen: unknown[] = [];
    for await (const partial of partialOutputStream) seen.push(partial);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.at(-1)).toEqual(await output);
    expect(await output).toMatchObject({ city: 'Oslo' });
  });

  it('the AI SDK gets an object over the messages API', async () => {
    const provider = createAnthropic({ apiKey: house.key, baseURL: `${house.url}/v1` });
    const { output } = await generateText({
      model: provider(model),
      prompt: 'Tell me about the city of Oslo',
      output: Output.object({ schema: PLACE }),
      maxOutputTokens: 1000,
      maxRetries: 0,
    });
    expect(output).toMatchObject({ city: 'Oslo' });
  });

  it('LangChain binds tools and structures output', async () => {
    const chat = new ChatOpenAI({
      model,
      apiKey: house.key,
      maxRetries: 0,
      configuration: { baseURL: `${house.url}/v1` },
    });
    const forecast = langchainTool(report, {
      name: 'get_weather',
      description: 'The weather in a city.',
      schema: CITY,
    });
    const { tool_calls: calls } = await chat.bindTools([forecast]).invoke(QUESTION);
    expect(calls?.map(({ args }) => args)).toEqual([{ city: 'Paris' }, { city: 'Rome' }]);
    const place = await chat.withStructuredOutput(PLACE).invoke('Tell me about the city of Oslo');
    expect(place).toMatchObject({ city: 'Oslo' });
  });
});
