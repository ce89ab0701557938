// A provider dies in the middle of a sentence: the reader gets the whole of it, and the log tells who went on.
import { createGateway } from 'bellwether';

const gateway = await createGateway({
  config: {
    providers: {
      first: { kind: 'simulated', simulate: { like: 'openai' } },
      second: { kind: 'simulated', simulate: { like: 'anthropic' } },
    },
    models: { assistant: { targets: ['first/gpt-4.1', 'second/claude-sonnet-4-5'] } },
  },
});
const finished = new Promise((resolve) => gateway.on('request-finished', resolve));

// From its next request on the connection to `first` breaks after eight events of a stream.
gateway.simulator.setFault('first', { kind: { type: 'cut-mid-stream', afterEvents: 8 } });

const stream = await gateway.stream({
  model: 'assistant',
  messages: [{ role: 'user', content: 'Count to 12' }],
});
for await (const text of stream.text()) process.stdout.write(text);
process.stdout.write('\n');

const { attempts } = await finished;
for (const { target, resume, outcome } of attempts) {
  const how = resume === null ? 'began' : `went on by ${resume}`;
  const end = outcome.type === 'failed' ? `failed (${outcome.kind})` : 'finished';
  process.stdout.write(`${target} ${how} and ${end}\n`);
}
await gateway.close();
