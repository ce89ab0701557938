// The AI SDK with a tool. The route `auto` chooses a model for each request.
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { isStepCount, jsonSchema, streamText, tool } from 'ai';

const bellwether = createOpenAICompatible({
  name: 'bellwether',
  baseURL: `${process.env.BELLWETHER_URL ?? 'http://127.0.0.1:8484'}/v1`,
  apiKey: process.env.BELLWETHER_KEY,
});

const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const { textStream } = streamText({
  model: bellwether('auto'),
  prompt: 'What is the weather in Paris and Rome?',
  tools: {
    get_weather: tool({
      description: 'The weather in a city.',
      inputSchema: jsonSchema(city),
      execute: async (input) => `sun over ${input.city}`,
    }),
  },
  stopWhen: isStepCount(5),
});
for await (const text of textStream) process.stdout.write(text);
process.stdout.write('\n');
