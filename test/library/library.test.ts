import OpenAI from 'openai';
import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ChatError,
  ConfigError,
  createGateway,
  type LibraryGateway,
  type RequestFinished,
} from '../../src/index.ts';
import { startServer } from '../../src/server.ts';

const CONFIG = {
  providers: {
    first: { kind: 'simulated', simulate: { like: 'openai', first_token_ms: 0, tokens_per_second: 10_000 } },
    second: {
      kind: 'simulated',
      simulate: { like: 'anthropic', first_token_ms: 0, tokens_per_second: 10_000 },
    },
  },
  models: { m: { targets: ['first/gpt-4.1', 'second/claude-sonnet-4-5'] } },
};
const MESSAGES = [{ role: 'user', content: 'Say hello' }] as const;

describe('the gateway as a library', () => {
  let gateway: LibraryGateway;
  beforeAll(async () => {
    gateway = await createGateway({ config: CONFIG });
  });
  afterAll(() => gateway.close());

  it('answers whole, and says where from and for how much', async () => {
    const answer = await gateway.chat({ model: 'm', messages: MESSAGES });
    expect(answer.text).toBe('hello');
    expect(answer.meta).toMatchObject({
      provider: 'first',
      model: 'gpt-4.1',
      attempts: 1,
      costUsd: '0.00003',
    });
  });

  it('streams', async () => {
    let text = '';
    const stream = await gateway.stream({ model: 'm', messages: [{ role: 'user', content: 'Count to 5' }] });
    for await (const piece of stream.text()) text += piece;
    expect(text).toContain('5');
  });

  it('goes on with the second provider when the first is down', async () => {
    gateway.simulator.setFault('first', { kind: { type: 'down' } });
    const answer = await gateway.chat({ model: 'm', messages: MESSAGES });
    gateway.simulator.setFault('first', null);
    expect(answer.meta).toMatchObject({ provider: 'second', attempts: 2 });
  });

  it('throws what was wrong, with its status and code', async () => {
    const refused = gateway.chat({ model: 'mm', messages: MESSAGES });
    await expect(refused).rejects.toThrow(ChatError);
    await expect(refused).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
  });

  it('aborts the provider when the reader leaves', async () => {
    const finished = new Promise<RequestFinished>((resolve) => {
      const stop = gateway.on('request-finished', (event) => {
        stop();
        resolve(event);
      });
    });
    gateway.simulator.setFault('first', { kind: { type: 'hang-mid-stream', afterEvents: 4 } });
    for await (const _ of await gateway.stream({
      model: 'm',
      messages: [{ role: 'user', content: 'Count to 50' }],
    }))
      break;
    gateway.simulator.setFault('first', null);
    expect(await finished).toMatchObject({ status: 499, error: { kind: 'client_closed' } });
  });

  it('adds up what was spent', () => {
    const { totalUsd, requests, byModelUsd } = gateway.costs();
    expect(Number(totalUsd)).toBeGreaterThan(0);
    expect(requests).toBeGreaterThan(3);
    expect(Object.keys(byModelUsd)).toContain('m');
  });

  it('serves official SDKs without a socket', async () => {
    const openai = new OpenAI({ apiKey: 'unused', baseURL: 'http://gateway/v1', fetch: gateway.fetch });
    const chat = await openai.chat.completions.create({
      model: 'm',
      messages: [{ role: 'user', content: 'Say hello' }],
    });
    expect(chat.choices[0]?.message.content).toBe('hello');
    const anthropic = new Anthropic({ apiKey: 'unused', baseURL: 'http://gateway', fetch: gateway.fetch });
    const message = await anthropic.messages.create({
      model: 'm',
      max_tokens: 50,
      messages: [{ role: 'user', content: 'Say hello' }],
    });
    expect(message.content).toMatchObject([{ type: 'text', text: 'hello' }]);
  });

  it('refuses a bad configuration with every problem in it', async () => {
    const config = { providers: { a: { kind: 'opanai' } }, models: { m: { targets: ['b/x'] } } };
    const made = createGateway({ config });
    await expect(made).rejects.toThrow(ConfigError);
    await expect(made).rejects.toThrow(/opanai.*did you mean "openai"[\s\S]*there is no provider "b"/);
  });
});

describe('the server inside another program', () => {
  it('listens, takes keys that it made, and closes', async () => {
    const server = await startServer({
      config: { ...CONFIG, server: { port: 0 }, store: { url: 'memory:' } },
      log: { level: 'silent' },
    });
    const rights = {
      name: 'test',
      role: 'inference',
      models: null,
      directTargets: true,
      tags: [],
      expiresAtMs: null,
    } as const;
    const { plain } = await server.keys.issue(rights);
    const openai = new OpenAI({ apiKey: plain, baseURL: `${server.url}/v1` });
    const chat = await openai.chat.completions.create({
      model: 'm',
      messages: [{ role: 'user', content: 'Say hello' }],
    });
    expect(chat.choices[0]?.message.content).toBe('hello');
    await server.close(0);
    await expect(fetch(`${server.url}/livez`)).rejects.toThrow('fetch failed');
  });
});
