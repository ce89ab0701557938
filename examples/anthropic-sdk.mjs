// The Anthropic SDK, unchanged, with a model of another provider: every model is served in every API.
import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic({
  baseURL: process.env.BELLWETHER_URL ?? 'http://127.0.0.1:8484',
  apiKey: process.env.BELLWETHER_KEY,
});

const stream = client.messages.stream({
  model: 'gemini-2.5-flash',
  max_tokens: 500,
  messages: [{ role: 'user', content: 'What is the capital of Japan?' }],
});
stream.on('text', (text) => process.stdout.write(text));
const { usage } = await stream.finalMessage();
process.stdout.write(`\n${usage.input_tokens} tokens in, ${usage.output_tokens} out\n`);
