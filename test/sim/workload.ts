import type { Json } from '../../src/base/json.ts';
import type { Random } from '../../src/spec/ports.ts';
import type { SentRequest } from './world.ts';

/** Draws one item. */
export function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[Math.floor(random.next() * items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

const TOOLS = ['get_weather', 'lookup'].map((name) => ({
  name,
  description: `Calls ${name}`,
  schema: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
}));

const PROMPTS = [
  'Say hello',
  'Count to 40, please.',
  'What is 17 * 23?',
  'Say "grüße, 世界 🌍"',
  'Explain tides in some detail.',
  'What is the weather in Paris and in Rome?',
];

/** A request as a client of either API would make it: streamed or not, with or without tools, of some length. */
export function randomRequest(random: Random): SentRequest {
  const surface = pick(random, ['chat', 'messages'] as const);
  const model = pick(random, ['m', 'm', 'auto', 'auto:premium']);
  const stream = random.next() < 0.7;
  const messages = conversation(random);
  const tools = random.next() < 0.3;
  const maxTokens = pick(random, [16, 64, 1_000]);
  return { surface, body: surface === 'chat' ? chat() : anthropic() };

  function chat(): Json {
    const functions = TOOLS.map(({ name, description, schema }) => ({
      type: 'function',
      function: { name, description, parameters: schema },
    }));
    return {
      model,
      stream,
      messages,
      max_tokens: maxTokens,
      ...(tools ? { tools: functions } : {}),
      ...(stream && random.next() < 0.5 ? { stream_options: { include_usage: true } } : {}),
    };
  }

  function anthropic(): Json {
    const definitions = TOOLS.map(({ name, description, schema }) => ({
      name,
      description,
      input_schema: schema,
    }));
    return { model, stream, messages, max_tokens: maxTokens, ...(tools ? { tools: definitions } : {}) };
  }
}

function conversation(random: Random): Json[] {
  const turns: Json[] = [{ role: 'user', content: pick(random, PROMPTS) }];
  while (random.next() < 0.3) {
    turns.push(
      { role: 'assistant', content: 'Here you are.' },
      { role: 'user', content: pick(random, PROMPTS) },
    );
  }
  return turns;
}
