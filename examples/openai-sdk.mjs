// The OpenAI SDK, unchanged: only address and key differ.
import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: `${process.env.BELLWETHER_URL ?? 'http://127.0.0.1:8484'}/v1`,
  apiKey: process.env.BELLWETHER_KEY,
});

const stream = await client.chat.completions.create({
  model: 'gpt-4.1',
  messages: [{ role: 'user', content: 'Count to 10' }],
  stream: true,
});
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? '');
process.stdout.write('\n');
