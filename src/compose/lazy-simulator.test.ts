import { describe, expect, it } from 'vitest';
import { textToBytes } from '../base/bytes.ts';
import type { Config } from '../config/config.ts';
import type { Runtime } from '../spec/ports.ts';
import { createNodeRuntime } from '../node/runtime.ts';
import { LazySimulator } from './lazy-simulator.ts';
import { loadConfig } from './load-config.ts';

const secrets = { resolve: () => 'secret' };
const simulated = configOf({ drill: { kind: 'simulated' } });
const real = configOf({
  local: { kind: 'openai-compatible', base_url: 'http://127.0.0.1:9/v1', key: 'env:KEY' },
});

function configOf(providers: { readonly [name: string]: { readonly [field: string]: string } }): Config {
  return loadConfig({ type: 'value', value: { providers } }, secrets).config;
}

const silent = {
  onHead: () => undefined,
  onData: () => undefined,
  onEnd: () => undefined,
  onFail: () => undefined,
};

/** A runtime whose transport notes the addresses that reach it. */
function setUp() {
  const { runtime } = createNodeRuntime({ log: { level: 'silent' } });
  const reached: string[] = [];
  const call = { abort: () => undefined, pause: () => undefined, resume: () => undefined };
  const transport: Runtime['transport'] = {
    send: ({ url }) => {
      reached.push(url);
      return call;
    },
    close: async () => undefined,
  };
  const simulator = new LazySimulator({ ...runtime, transport });
  const send = (url: string) => {
    const request = { method: 'POST', url, headers: [], body: textToBytes('{}') } as const;
    simulator.transport.send({ ...request, connectTimeoutMs: 1_000, headTimeoutMs: 1_000 }, silent).abort();
  };
  return { simulator, reached, send };
}

describe('LazySimulator', () => {
  it('hands every request on where no provider is simulated', async () => {
    const { simulator, reached, send } = setUp();
    await simulator.prepare(real);
    send('simulated://drill/v1/chat/completions');
    send('http://127.0.0.1:9/v1');
    expect(reached).toEqual(['simulated://drill/v1/chat/completions', 'http://127.0.0.1:9/v1']);
  });

  it('answers simulated addresses from the first configuration on that needs it', async () => {
    const { simulator, reached, send } = setUp();
    await simulator.prepare(real);
    await simulator.prepare(simulated);
    simulator.adopt(simulated);
    send('simulated://drill/v1/chat/completions');
    send('http://127.0.0.1:9/v1');
    expect(reached).toEqual(['http://127.0.0.1:9/v1']);
  });

  it('keeps faults that were set before it was loaded', async () => {
    const { simulator } = setUp();
    simulator.setFault('drill', { kind: { type: 'down' } });
    expect([...simulator.faults().keys()]).toEqual(['drill']);
    await simulator.prepare(simulated);
    simulator.adopt(simulated);
    expect([...simulator.faults().keys()]).toEqual(['drill']);
    simulator.setFault('drill', null);
    expect(simulator.faults().size).toBe(0);
  });

  it('refuses what is no fault, loaded or not', async () => {
    const { simulator } = setUp();
    const tooMuch = { kind: { type: 'down' }, share: 1.5 } as const;
    expect(() => simulator.setFault('drill', tooMuch)).toThrow(/"share" must be a number from 0 to 1/);
    await simulator.prepare(simulated);
    simulator.adopt(simulated);
    expect(() => simulator.setFault('drill', tooMuch)).toThrow(/"share" must be a number from 0 to 1/);
    expect(simulator.faults().size).toBe(0);
  });
});
