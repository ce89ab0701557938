import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Conversation, Mode } from './clients/client.ts';
import { CLIENTS } from './clients/index.ts';
import { openHouse, type House } from './house.ts';
import { expectCalls, expectUsage, stageOf, WEATHER } from './scenarios.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

interface Reasoner {
  readonly model: string;
  /** Whether it shows what it thinks. */
  readonly shows: boolean;
  /**
   * What must come back with the results of tools. `words`: the reasoning itself, which only a client can keep.
   * `signature`: signed state, for which the gateway finds a way where a client keeps none.
   */
  readonly wants: 'nothing' | 'words' | 'signature';
}

const REASONERS: readonly Reasoner[] = [
  { model: 'reasons-openai', shows: false, wants: 'nothing' },
  { model: 'reasons-deepseek', shows: true, wants: 'words' },
  { model: 'reasons-anthropic', shows: true, wants: 'signature' },
  { model: 'reasons-gemini', shows: false, wants: 'signature' },
];
const MODES: readonly Mode[] = ['whole', 'streamed'];
const QUESTION = 'What is the weather in Paris and Rome, in celsius?';

const runs = CLIENTS.flatMap((client) =>
  REASONERS.flatMap((reasoner) => MODES.map((mode) => ({ client, mode, name: client.name, ...reasoner }))),
);
type Run = (typeof runs)[number];

function converse({ client, mode, model }: Run): Conversation {
  return stageOf(house, client, 'openai', mode).converse({ model, tools: [WEATHER], reason: 'yes' });
}

/** Whether the client drops words that the model wants back. */
function forgets({ client, mode, wants }: Run): boolean {
  return wants === 'words' && !client.reasoning[mode];
}

describe('a loop of tools with a model that reasons', () => {
  it.each(runs.filter((run) => !forgets(run)))('goes on: $name, $model, $mode', async (run) => {
    const conversation = converse(run);
    const first = await conversation.say(QUESTION);
    expectCalls(first, ['Paris', 'Rome']);
    expectUsage(first);
    expect((await conversation.give(['{"sky":"clear"}', '{"sky":"hail"}'])).text).toMatch(/clear[\s\S]*hail/);
    expectCalls(await conversation.say('And the weather in Oslo, in celsius?'), ['Oslo']);
    expect((await conversation.give(['{"sky":"snow"}'])).text).toContain('snow');
  });

  // So it is without a gateway, too: who drops the words gets the provider's own refusal, and is told what is missing.
  it.each(runs.filter(forgets))('says what is missing: $name, $model, $mode', async (run) => {
    const conversation = converse(run);
    await conversation.say(QUESTION);
    const error = await conversation
      .give(['{"sky":"clear"}', '{"sky":"hail"}'])
      .catch((thrown: unknown) => thrown);
    expect(run.client.failure(error)).toMatchObject({
      status: 400,
      message: expect.stringContaining('`reasoning_content` in the thinking mode must be passed back'),
    });
  });

  // LangChain and the AI SDK's own OpenAI models drop the field that Google put signatures into, and the OpenAI SDK's stream
  // helper keeps it. Where it is dropped, the value that Google documents for such histories goes out, with a warning.
  const DROPS = new Set(['@langchain/openai', 'ai + @ai-sdk/openai']);
  const signing = runs.filter(({ model }) => model === 'reasons-gemini');
  it.each(signing)(
    'carries the signature of a call, or says that it is lost: $name, $model, $mode',
    async (run) => {
      const warnings: string[] = [];
      const subscription = house.instance.bus.subscribe('conformance', (event) => {
        if (event.type !== 'attempt-finished') return;
        warnings.push(...event.attempt.warnings.map(({ field, message }) => `${field}: ${message}`));
      });
      const conversation = converse(run);
      await conversation.say(QUESTION);
      await conversation.give(['{"sky":"clear"}', '{"sky":"hail"}']);
      subscription.cancel();
      const lost = warnings.some((warning) => warning.includes('signature'));
      expect(lost, warnings.join()).toBe(DROPS.has(run.name));
    },
  );

  const shown = runs.filter(({ client, mode, shows }) => shows && client.reasoning[mode]);
  it.each(shown)('shows what it thinks: $name, $model, $mode', async (run) => {
    const { reasoning, text } = await converse(run).say('Count to 5');
    expect(reasoning).toContain('The user');
    expect(text).toBe('1, 2, 3, 4, 5');
  });
});
