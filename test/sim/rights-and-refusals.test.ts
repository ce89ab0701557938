import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json.ts';
import type { RequestFinished } from '../../src/spec/event.ts';
import type { Clock } from '../../src/spec/ports.ts';
import { head, say, scriptedTransport } from './scripted-transport.ts';
import { createWorld, type World } from './world.ts';

const CONFIG = {
  providers: {
    chat: { kind: 'simulated', simulate: { like: 'openai' } },
    messages: { kind: 'simulated', simulate: { like: 'anthropic' } },
    real: {
      kind: 'anthropic',
      base_url: 'https://messages.example.com/v1',
      key: 'env:PROVIDER_KEY',
      headers: { 'Anthropic-Version': '2026-10-21', 'X-Team': 'red' },
    },
  },
  models: {
    llama: { targets: ['chat/gpt-4.1'] },
    'llama:70b': { targets: ['chat/gpt-4.1'] },
    claude: { targets: ['messages/claude-sonnet-4-5'] },
    exact: { targets: ['messages/claude-sonnet-4-5'], strict: true },
    real: { targets: ['real/claude-sonnet-4-5'] },
  },
  routes: { auto: { tiers: ['llama', 'claude'] } },
};

const MESSAGES = [{ role: 'user', content: 'Say hello' }];

interface Told {
  readonly status: number | null;
  readonly error: { readonly message?: string; readonly param?: string | null } | undefined;
  readonly finished: RequestFinished;
}

async function ask(made: World, body: JsonObject): Promise<Told> {
  const sent = made.send({ surface: 'chat', body: { messages: MESSAGES, ...body } });
  expect(await made.virtual.clock.runUntil(sent.done, 600_000)).toBe(true);
  await made.virtual.clock.advance(0);
  const finished = made.events.findLast((event) => event.type === 'request-finished');
  return { status: sent.sink.status, error: JSON.parse(sent.sink.body).error, finished: finished! };
}

describe('a key that may use some models only', () => {
  it.each([
    ['llama', 200],
    ['llama:70b', 403],
    ['claude', 403],
    ['auto', 200],
    ['auto:premium', 200],
    ['chat/gpt-4.1', 403],
    ['llama/gpt-4.1', 404],
  ])('asks for %s and gets %i', async (model, status) => {
    const made = await createWorld({ seed: 5, config: CONFIG, models: ['llama', 'auto'] });
    expect(await ask(made, { model })).toMatchObject({ status });
  });

  it('may be held to one lean of a route', async () => {
    const made = await createWorld({ seed: 5, config: CONFIG, models: ['auto:economy'] });
    expect(await ask(made, { model: 'auto:economy' })).toMatchObject({ status: 200 });
    expect(await ask(made, { model: 'auto:premium' })).toMatchObject({ status: 403 });
    expect(await ask(made, { model: 'auto' })).toMatchObject({ status: 403 });
  });
});

describe('a route that is leaned', () => {
  it.each([
    ['auto:premium', true],
    ['auto', true],
    ['llama:70b', true],
    ['chat/gpt-4.1', false],
  ])('%s counts as a name of the configuration: %s', async (model, known) => {
    const made = await createWorld({ seed: 5, config: CONFIG });
    expect((await ask(made, { model })).finished).toMatchObject({ model, modelKnown: known });
  });
});

describe('what our own side refuses during an attempt', () => {
  const badMessage: Json = [...MESSAGES, { role: 'nobody', content: 'x' }];

  it('names the field of a malformed request, whether or not it must be translated', async () => {
    const made = await createWorld({ seed: 5, config: CONFIG });
    const told = await ask(made, { model: 'claude', messages: badMessage });
    expect(told).toMatchObject({ status: 400, error: { param: expect.stringContaining('messages') } });
  });

  it('names what strict mode would lose, where the configuration asks for it', async () => {
    const made = await createWorld({ seed: 5, config: CONFIG });
    expect(await ask(made, { model: 'exact', seed: 7 })).toMatchObject({
      status: 400,
      error: { param: 'seed', message: expect.stringMatching(/strict.*seed/i) },
    });
    expect(await ask(made, { model: 'claude', seed: 7 })).toMatchObject({ status: 200 });
  });
});

describe('headers that the operator sets for a provider', () => {
  it('stand instead of the common ones, not beside them', async () => {
    let clock: Clock | null = null;
    const transport = scriptedTransport(() => clock!, [head(500), say('{}'), { type: 'end' }]);
    const made = await createWorld({ seed: 5, config: CONFIG, transport });
    clock = made.virtual.clock;
    await ask(made, { model: 'real' });
    const sent = transport.calls[0]!.request.headers;
    expect(sent.filter(([name]) => name === 'anthropic-version')).toEqual([
      ['anthropic-version', '2026-10-21'],
    ]);
    expect(sent).toContainEqual(['x-team', 'red']);
    expect(new Set(sent.map(([name]) => name)).size).toBe(sent.length);
  });
});
