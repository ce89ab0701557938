import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../base/json.ts';
import { EMBEDDINGS, MESSAGES } from '../server/inference/surfaces.ts';
import { firstOutgoing, testRun, type RunOptions } from './testing/run.ts';

const TURNS = [{ role: 'user', content: 'Hi' }];

async function outgoingOf(options: RunOptions): Promise<ReturnType<typeof firstOutgoing>> {
  return firstOutgoing(await testRun(options));
}

function headersNamed(headers: readonly (readonly [string, string])[], name: string): readonly string[] {
  return headers.flatMap(([each, value]) => (each === name ? [value] : []));
}

describe('what goes to a provider of the same wire', () => {
  it('is the bytes of the client with the model in place of the name', async () => {
    const body: Json = { temperature: 1, model: 'chat/m', messages: TURNS, unheard_of: { b: 1, a: 2 } };
    const { wire, through } = await outgoingOf({ body });
    expect(through).toBe(true);
    expect(wire.body).toBe(JSON.stringify({ ...body, model: 'm' }));
  });

  it('has no fields that are meant for the gateway', async () => {
    const { wire } = await outgoingOf({ body: { model: 'chat/m', models: ['messages/c'], messages: TURNS } });
    expect(JSON.parse(wire.body)).not.toHaveProperty('models');
  });

  it.each([
    ['2023-06-01', ['2023-06-01']],
    ['2099-01-01', ['2023-06-01']],
  ])('has the version %s of the client only where the provider knows it', async (version, sent) => {
    const { wire } = await outgoingOf({
      surface: MESSAGES,
      body: { model: 'messages/claude-sonnet-4-5', max_tokens: 9, messages: TURNS },
      headers: { 'anthropic-version': version, 'anthropic-beta': 'b-1', 'x-secret': 's', cookie: 'c' },
    });
    expect(headersNamed(wire.headers, 'anthropic-version')).toEqual(sent);
    expect(headersNamed(wire.headers, 'anthropic-beta')).toEqual(['b-1']);
    expect(wire.headers.some(([name]) => name === 'x-secret' || name === 'cookie')).toBe(false);
  });
});

describe('what goes to a provider of another wire', () => {
  it('is encoded, with warnings and without headers of the client', async () => {
    const { wire, through, warnings } = await outgoingOf({
      body: { model: 'messages/claude-sonnet-4-5', messages: TURNS, seed: 7 },
      headers: { 'anthropic-beta': 'b-1' },
    });
    expect(through).toBe(false);
    expect(JSON.parse(wire.body)).toMatchObject({ model: 'claude-sonnet-4-5', messages: [{ role: 'user' }] });
    expect(warnings.map(({ field }) => field)).toContain('seed');
    expect(headersNamed(wire.headers, 'anthropic-beta')).toEqual([]);
  });

  it('is refused in strict mode where something would be lost', async () => {
    const body: JsonObject = { model: 'messages/claude-sonnet-4-5', messages: TURNS, seed: 7 };
    const strict = { body, headers: { 'x-bellwether-strict': 'true' } };
    await expect(outgoingOf(strict)).rejects.toMatchObject({
      kind: 'unsupported',
      detail: { field: 'seed' },
    });
  });
});

describe('where it goes and with which key', () => {
  const embedding: JsonObject = { model: 'chat/m', input: 'Hi' };
  it.each([
    {
      name: 'chat',
      options: { body: { model: 'chat/m', messages: TURNS } },
      url: 'https://api.openai.com/v1/chat/completions',
      key: ['authorization', 'Bearer chat-key'],
    },
    {
      name: 'messages',
      options: { body: { model: 'messages/claude-sonnet-4-5', messages: TURNS } },
      url: 'https://api.anthropic.com/v1/messages',
      key: ['x-api-key', 'messages-key'],
    },
    {
      name: 'embeddings',
      options: { surface: EMBEDDINGS, body: embedding },
      url: 'https://api.openai.com/v1/embeddings',
      key: ['authorization', 'Bearer chat-key'],
    },
  ])('is right for $name', async ({ options, url, key }) => {
    const { wire } = await outgoingOf(options);
    expect(wire).toMatchObject({ method: 'POST', url });
    expect(wire.headers).toContainEqual(key);
  });

  it('is refused where the provider has no embeddings', async () => {
    const body = { ...embedding, model: 'messages/claude-sonnet-4-5' };
    await expect(outgoingOf({ surface: EMBEDDINGS, body })).rejects.toMatchObject({ kind: 'unsupported' });
  });

  it.each([
    [true, 120_000],
    [false, 300_000],
  ])('waits for the head as long as an answer takes, streamed: %s', async (stream, headTimeoutMs) => {
    const { wire } = await outgoingOf({ body: { model: 'chat/m', messages: TURNS, stream } });
    expect(wire).toMatchObject({ headTimeoutMs, connectTimeoutMs: 2_000 });
  });
});
