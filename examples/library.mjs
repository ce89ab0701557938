// The gateway inside of a program: no server, no port, no key. The first provider fails, the second answers.
import { createGateway } from 'bellwether';

const gateway = await createGateway({
  config: {
    providers: {
      broken: { kind: 'simulated', simulate: { like: 'openai', fault: 'down' } },
      sound: { kind: 'simulated', simulate: { like: 'anthropic' } },
    },
    models: { assistant: { targets: ['broken/gpt-4.1', 'sound/claude-sonnet-4-5'] } },
  },
});

const { text, meta } = await gateway.chat({
  model: 'assistant',
  messages: [{ role: 'user', content: 'Say hello' }],
});
process.stdout.write(`${text} (from ${meta.provider}, attempt ${meta.attempts}, ${meta.costUsd} USD)\n`);
await gateway.close();
