import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aiSdkAnthropic, aiSdkCompatible } from './clients/ai-sdk.ts';
import { anthropicSdk } from './clients/anthropic.ts';
import { openaiSdk } from './clients/openai.ts';
import { openHouse, WIRES, type House } from './house.ts';
import { expectCalls, expectUsage, stageOf, WEATHER } from './scenarios.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

describe('a conversation of three turns with parallel tools, streamed', () => {
  const pairs = [openaiSdk, anthropicSdk, aiSdkCompatible, aiSdkAnthropic].flatMap((client) =>
    WIRES.map((upstream) => ({ client, upstream, name: client.name })),
  );

  it.each(pairs)('$name onto $upstream', async ({ client, upstream }) => {
    const conversation = stageOf(house, client, upstream, 'streamed').converse({
      system: 'You report the weather.',
      tools: [WEATHER],
    });
    const turns = [
      { question: 'What is the weather in Paris and Rome, in celsius?', cities: ['Paris', 'Rome'] },
      { question: 'And the weather in Oslo, Cairo and Lima, in celsius?', cities: ['Oslo', 'Cairo', 'Lima'] },
      { question: 'Now the weather in Kyiv and Delhi, in celsius?', cities: ['Kyiv', 'Delhi'] },
    ];
    for (const { question, cities } of turns) {
      const asked = await conversation.say(question);
      expectCalls(asked, cities);
      expectUsage(asked);
      const told = await conversation.give(
        cities.map((city) => JSON.stringify({ report: `sun over ${city}` })),
      );
      expect(told).toMatchObject({ finish: 'stop', calls: [] });
      for (const city of cities) expect(told.text).toContain(`sun over ${city}`);
      expectUsage(told);
    }
    const last = await conversation.say('What did I ask before?');
    expect(last.text).toContain('Kyiv and Delhi');
  });
});
