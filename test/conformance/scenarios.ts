import { expect } from 'vitest';
import type { Answer, Client, Conversation, Mode, Setup, ToolSpec } from './clients/client.ts';
import { DEFAULT_PROVIDER_NAME } from '../../src/server/simulate-server.ts';
import { MODELS, type House, type Wire } from './house.ts';

/** What one run of a scenario has at hand. */
export interface Stage {
  readonly house: House;
  readonly client: Client;
  readonly upstream: Wire;
  readonly mode: Mode;
  readonly converse: (more?: Partial<Setup>) => Conversation;
}

/** A scenario that every client library plays on every wire, streamed and whole. */
export interface Scenario {
  readonly name: string;
  play(stage: Stage): Promise<void>;
}

/** Plays a scenario; what it checks, it checks itself. */
export async function expectScenario(scenario: Scenario, stage: Stage): Promise<void> {
  expect.hasAssertions();
  await scenario.play(stage);
}

/** Makes the stage of one run. */
export function stageOf(house: House, client: Client, upstream: Wire, mode: Mode): Stage {
  const base: Setup = { url: house.url, key: house.key, model: MODELS[upstream], mode };
  return { house, client, upstream, mode, converse: (more) => client.converse({ ...base, ...more }) };
}

export const WEATHER: ToolSpec = {
  name: 'get_weather',
  description: 'The weather in a city.',
  schema: {
    type: 'object',
    properties: {
      city: { type: 'string' },
      unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
    },
    required: ['city', 'unit'],
    additionalProperties: false,
  },
};

export const PLACE = {
  type: 'object',
  properties: {
    city: { type: 'string' },
    inhabitants: { type: 'integer' },
    tags: { type: 'array', items: { type: 'string' } },
  },
  required: ['city', 'inhabitants', 'tags'],
  additionalProperties: false,
} as const;

/** An empty page. */
const PAPER = {
  mediaType: 'application/pdf',
  data: btoa(
    '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n' +
      '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
  ),
};

/** A red square of 16 by 16 pixels. */
const PICTURE = {
  mediaType: 'image/png',
  data: 'iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAF0lEQVR4nGP4z8BAEiJN9f9RDaMahpQGAJDb/wEyG0IrAAAAAElFTkSuQmCC',
};

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'gets an answer, its reason and its usage',
    play: async ({ converse, mode }) => {
      const answer = await converse({ system: 'You are brief.' }).say('Count to 40');
      expect(answer.text).toBe(Array.from({ length: 40 }, (_, i) => i + 1).join(', '));
      expect(answer).toMatchObject({ finish: 'stop', calls: [], reasoning: '' });
      expectUsage(answer);
      if (mode === 'streamed') expect(answer.pieces).toBeGreaterThan(10);
    },
  },
  {
    name: 'counts the same tokens, streamed or whole',
    play: async ({ converse }) => {
      const whole = await converse({ mode: 'whole' }).say('Tell me about tides');
      const { text, inputTokens, outputTokens } = await converse({ mode: 'streamed' }).say(
        'Tell me about tides',
      );
      expect({ text, inputTokens, outputTokens }).toEqual({
        text: whole.text,
        inputTokens: whole.inputTokens,
        outputTokens: whole.outputTokens,
      });
    },
  },
  {
    name: 'gets text beyond ASCII whole',
    play: async ({ converse }) => {
      const words = 'naïve Grüße, 東京 🦀 👩‍👩‍👧 — "quoted\\back" \u2028 end';
      expect((await converse().say(`Reply with exactly: ${words}`)).text).toBe(words);
    },
  },
  {
    name: 'is told when the answer was cut at its limit',
    play: async ({ converse }) => {
      const answer = await converse({ outputTokensMax: 16 }).say('Count to 400');
      expect(answer.finish).toBe('length');
      expect(answer.text.startsWith('1, 2, 3')).toBe(true);
      expect(answer.outputTokens).toBeLessThanOrEqual(16);
    },
  },
  {
    name: 'calls two tools at once and tells their results',
    play: async ({ converse }) => {
      const conversation = converse({ tools: [WEATHER] });
      const first = await conversation.say('What is the weather in Paris and Rome, in celsius?');
      expectCalls(first, ['Paris', 'Rome']);
      expectUsage(first);
      const second = await conversation.give(['{"sky":"clear"}', '{"sky":"hail"}']);
      expect(second).toMatchObject({ finish: 'stop', calls: [] });
      expect(second.text).toMatch(/clear[\s\S]*hail/);
    },
  },
  {
    name: 'calls a tool that it did not think of when it must',
    play: async ({ converse }) => {
      const answer = await converse({ tools: [WEATHER], toolChoice: 'required' }).say('Say hello');
      expect(answer.calls.map(({ name }) => name)).toEqual([WEATHER.name]);
    },
  },
  {
    name: 'calls none when it may not',
    play: async ({ converse }) => {
      const answer = await converse({ tools: [WEATHER], toolChoice: 'none' }).say(
        'What is the weather in Paris, in celsius?',
      );
      expect(answer).toMatchObject({ calls: [], finish: 'stop' });
    },
  },
  {
    name: 'stops where it is told to',
    play: async ({ converse }) => {
      const answer = await converse({ stop: ['13', 'nothing'] }).say('Count to 40');
      expect(answer).toMatchObject({ text: '1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, ', finish: 'stop' });
    },
  },
  {
    name: 'sends a document',
    play: async ({ converse }) => {
      const bare = await converse().say('Say cheese');
      const answer = await converse().say('Say cheese', PAPER);
      expect(answer.text).toBe('cheese');
      expect(answer.inputTokens).toBeGreaterThan(bare.inputTokens ?? 0);
    },
  },
  {
    name: 'gets JSON that satisfies its schema',
    play: async ({ converse }) => {
      const answer = await converse({ schema: PLACE }).say('Tell me about the city of Oslo');
      expect(JSON.parse(answer.text)).toEqual({
        city: expect.any(String),
        inhabitants: expect.any(Number),
        tags: expect.any(Array),
      });
      expect(answer.finish).toBe('stop');
    },
  },
  {
    name: 'sends a picture',
    play: async ({ converse }) => {
      const bare = await converse().say('Say cheese');
      const answer = await converse().say('Say cheese', PICTURE);
      expect(answer.text).toBe('cheese');
      // The picture arrived: it costs tokens.
      expect(answer.inputTokens).toBeGreaterThan(bare.inputTokens ?? 0);
    },
  },
  {
    name: 'remembers what was said before',
    play: async ({ converse }) => {
      const conversation = converse();
      await conversation.say('My name is Ada. Say hello.');
      const answer = await conversation.say('What is my name?');
      expect(answer.text).toContain('Your name is Ada');
    },
  },
  {
    name: 'leaves, and the gateway leaves the provider too',
    play: async ({ converse, house, upstream }) => {
      const { control } = house.simulators[upstream];
      control.setFault(DEFAULT_PROVIDER_NAME, { kind: { type: 'hang-before-head' } });
      const controller = new AbortController();
      const left = converse({ signal: controller.signal })
        .say('Count to 400')
        .catch((error: unknown) => error);
      await expect.poll(() => house.instance.gateway.inFlight, POLL).toBe(1);
      controller.abort();
      expect(await left).toBeInstanceOf(Error);
      await expect.poll(() => house.instance.gateway.inFlight, POLL).toBe(0);
      control.setFault(DEFAULT_PROVIDER_NAME, null);
    },
  },
];

const POLL = { interval: 2 };

/** Checks that a turn called the weather tool for these cities, with ids that differ. */
export function expectCalls(answer: Answer, cities: readonly string[]): void {
  expect(answer.calls.map(({ name, input }) => ({ name, input }))).toEqual(
    cities.map((city) => ({ name: WEATHER.name, input: { city, unit: 'celsius' } })),
  );
  expect(new Set(answer.calls.map(({ id }) => id)).size).toBe(cities.length);
  expect(answer.finish).toBe('tools');
}

/** Checks that both counts of tokens came. */
export function expectUsage({ inputTokens, outputTokens }: Answer): void {
  expect(inputTokens).toBeGreaterThan(0);
  expect(outputTokens).toBeGreaterThan(0);
}
