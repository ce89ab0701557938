import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInstance, type Instance } from '../../src/compose/instance.ts';
import { loadConfig } from '../../src/compose/load-config.ts';
import { createNodeRuntime } from '../../src/node/runtime.ts';
import { createSecrets } from '../../src/node/secrets.ts';
import { startSimulator, type RunningSimulator } from '../../src/server/simulate-server.ts';
import type { Pace } from '../../src/simulator/settings.ts';
import { PROVIDER_KEY } from './gateway.ts';

/** Slow enough for a gateway to be stopped within an answer. */
const PACE: Pace = { firstTokenMs: 60, tokensPerSecond: 200, jitter: 0 };
const HEADER = 'idempotency-key';
const NUMBERS = Array.from({ length: 20 }, (_, i) => i + 1).join(', ');

let folder: string;
let simulator: RunningSimulator;
let closeRuntime: () => Promise<void>;
let instance: Instance;
let url: string;
let key: string;
/** Calls that providers got, by public model. */
const calls = new Map<string, number>();

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'bellwether-repeating-'));
  process.env['CONFORMANCE_PROVIDER_KEY'] = 'sk-provider';
  const { runtime, close } = createNodeRuntime({ log: { level: 'silent' } });
  closeRuntime = close;
  simulator = await startSimulator({ ...runtime, settings: { defaults: { pace: PACE } } });
  instance = await start(0);
  ({ url } = instance.server);
  const issued = await instance.keys.issue({
    role: 'inference',
    name: 'repeating',
    models: null,
    directTargets: true,
    tags: [],
    expiresAtMs: null,
  });
  key = issued.plain;
});
afterAll(async () => {
  await instance.close(0);
  await simulator.close();
  await closeRuntime();
  await rm(folder, { recursive: true, force: true });
});

/** What a library is told of one answer. */
interface Told {
  readonly id: string;
  readonly text: string;
}

/** One library, asked with a key of the caller's choice. */
interface Library {
  readonly name: string;
  readonly api: typeof OpenAI | typeof Anthropic;
  readonly ask: (question: Question) => Promise<Told>;
}

interface Question {
  readonly model: string;
  readonly key: string;
  readonly stream: boolean;
  readonly text?: string;
  readonly retries?: number;
  /** Called once the first text is there. */
  readonly onText?: () => void;
}

const LIBRARIES: readonly Library[] = [
  {
    name: 'openai',
    api: OpenAI,
    ask: async ({ model, key: once, stream, text = 'Count to 20', retries = 0, onText }) => {
      const client = new OpenAI({ apiKey: key, baseURL: `${url}/v1`, maxRetries: retries });
      const request = { model, messages: [{ role: 'user' as const, content: text }] };
      const options = { headers: { [HEADER]: once } };
      if (!stream) return openaiTold(await client.chat.completions.create(request, options));
      const events = client.chat.completions.stream(request, options).on('content', () => onText?.());
      return openaiTold(await events.finalChatCompletion());
    },
  },
  {
    name: '@anthropic-ai/sdk',
    api: Anthropic,
    ask: async ({ model, key: once, stream, text = 'Count to 20', retries = 0, onText }) => {
      const client = new Anthropic({ apiKey: key, baseURL: url, maxRetries: retries });
      const request = { model, max_tokens: 500, messages: [{ role: 'user' as const, content: text }] };
      const options = { headers: { [HEADER]: once } };
      if (!stream) return anthropicTold(await client.messages.create(request, options));
      const events = client.messages.stream(request, options).on('text', () => onText?.());
      return anthropicTold(await events.finalMessage());
    },
  },
];

const FORMS = [
  { form: 'whole', stream: false },
  { form: 'streamed', stream: true },
] as const;

describe.each(LIBRARIES)('a request with an Idempotency-Key through $name', ({ name, api, ask }) => {
  describe.each(FORMS)('$form', ({ form, stream }) => {
    const question = (what: string): Question => ({
      model: modelOf(`${name} ${what} ${form}`),
      key: `${name}-${what}-${form}`,
      stream,
    });

    it('runs once, however often and however much at once it is repeated', async () => {
      const asked = question('again');
      const [first, ...others] = await Promise.all(Array.from({ length: 5 }, () => ask(asked)));
      expect(first?.text).toBe(NUMBERS);
      for (const other of [...others, await ask(asked)]) expect(other).toEqual(first);
      expect(calls.get(asked.model)).toBe(1);
    });

    it('is refused with another body, in words of its library', async () => {
      const asked = question('other');
      await ask(asked);
      const error = await ask({ ...asked, text: 'Count to 21' }).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(api.UnprocessableEntityError);
      expect(error).toMatchObject({ status: 422 });
      expect(calls.get(asked.model)).toBe(1);
    });

    it('gets its answer from a gateway that was started anew', async () => {
      const asked = question('kept');
      const before = await ask(asked);
      await restart(1000);
      expect(await ask(asked)).toEqual(before);
      expect(calls.get(asked.model)).toBe(1);
    });
  });

  it('is answered past a gateway that is killed within it, by the retries of the library', async () => {
    const asked = { model: modelOf(`${name} killed`), key: `${name}-killed`, stream: false, retries: 2 };
    const answer = ask(asked);
    await expect.poll(() => instance.gateway.inFlight, { interval: 2 }).toBe(1);
    await restart(0);
    const told = await answer;
    expect(told.text).toBe(NUMBERS);
    // The first run was cut, and nobody can know what became of it; the second is kept.
    expect(calls.get(asked.model)).toBe(2);
    expect(await ask(asked)).toEqual(told);
    expect(calls.get(asked.model)).toBe(2);
  });

  it('loses nothing to a gateway that stops in order, whole and streamed', async () => {
    const asked = FORMS.map(({ form, stream }) => ({
      model: modelOf(`${name} drained ${form}`),
      key: `${name}-drained-${form}`,
      stream,
      retries: 2,
    }));
    const under = asked.map((each) => ask(each));
    await expect.poll(() => instance.gateway.inFlight, { interval: 2 }).toBe(2);
    const restarted = restart(5000);
    // Comes while the gateway takes no more, and is taken by the one after it.
    const late = ask({ model: modelOf(`${name} late`), key: `${name}-late`, stream: true, retries: 2 });
    for (const { text } of await Promise.all([...under, late])) expect(text).toBe(NUMBERS);
    await restarted;
    for (const { model } of asked) expect(calls.get(model)).toBe(1);
  });

  it('that was cut within its stream is an error first, and run again when it is repeated', async () => {
    let begun = (): void => undefined;
    const speaking = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const asked = { model: modelOf(`${name} cut`), key: `${name}-cut`, stream: true, retries: 2 };
    const cut = ask({ ...asked, onText: begun }).catch((thrown: unknown) => thrown);
    await speaking;
    await restart(0);
    expect(await cut).toBeInstanceOf(api.APIError);
    expect((await ask(asked)).text).toBe(NUMBERS);
  });
});

describe('the option idempotencyKey of openai', () => {
  // It names no header for it, so its own option says nothing to anybody; whoever wants keys gives the header, or a subclass.
  it('sends no header by itself, and a key of its own for each request once it is told the header', async () => {
    const sent: (string | null)[] = [];
    const fetching: typeof fetch = (input, init) => {
      sent.push(new Headers(init?.headers).get(HEADER));
      return fetch(input, init);
    };
    const options = { apiKey: key, baseURL: `${url}/v1`, maxRetries: 0, fetch: fetching };
    const request = { model: modelOf('option'), messages: [{ role: 'user' as const, content: 'Say hello' }] };
    await new OpenAI(options).chat.completions.create(request, { idempotencyKey: 'mine' });
    class Once extends OpenAI {
      protected override idempotencyHeader = HEADER;
    }
    const once = new Once(options);
    await once.chat.completions.create(request, { idempotencyKey: 'mine' });
    await once.chat.completions.create(request, { idempotencyKey: 'mine' });
    await once.chat.completions.create(request);
    expect(sent).toEqual([null, 'mine', 'mine', expect.stringMatching(/./)]);
    expect(calls.get(request.model)).toBe(3);
  });
});

const MODELS: readonly string[] = Array.from({ length: 40 }, (_, i) => `m${i}`);
const given = new Map<string, string>();

/** A public model for one test, so that its calls can be told apart. */
function modelOf(test: string): string {
  const model = given.get(test) ?? MODELS[given.size];
  if (model === undefined) throw new Error('there are more tests than models');
  given.set(test, model);
  return model;
}

async function start(port: number): Promise<Instance> {
  const value = {
    server: { port },
    store: { url: `sqlite:${path.join(folder, 'bellwether.db')}` },
    observe: { log_level: 'silent' },
    providers: { sim: { kind: 'openai', base_url: `${simulator.url}/v1`, key: PROVIDER_KEY } },
    models: Object.fromEntries(MODELS.map((name) => [name, { targets: ['sim/gpt-4.1'] }])),
  };
  const started = await startInstance({ loaded: loadConfig({ type: 'value', value }, createSecrets()) });
  started.bus.subscribe('repeating', (event) => {
    if (event.type !== 'request-finished' || event.model === null) return;
    calls.set(event.model, (calls.get(event.model) ?? 0) + event.attempts.length);
  });
  return started;
}

/** Stops the gateway, giving what is under way so long, and starts another at the same address on the same store. */
async function restart(graceMs: number): Promise<void> {
  const { port } = new URL(url);
  await instance.close(graceMs);
  instance = await start(Number(port));
}

function openaiTold({ id, choices }: OpenAI.ChatCompletion): Told {
  return { id, text: choices[0]?.message.content ?? '' };
}

function anthropicTold({ id, content }: Anthropic.Message): Told {
  return { id, text: content.map((block) => (block.type === 'text' ? block.text : '')).join('') };
}
