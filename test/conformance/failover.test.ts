import Anthropic from '@anthropic-ai/sdk';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { streamText, type LanguageModel } from 'ai';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestFinished } from '../../src/spec/event.ts';
import type { Pace } from '../../src/simulator/settings.ts';
import { openGateway, PROVIDER_KEY, type RunningGateway } from './gateway.ts';
import { startProviderProcess, type ProviderProcess } from './providers/start-process.ts';

const STREAMS = 200;
/** First tokens come at any time within 1.6 s, so at every moment some streams have begun and some have not. */
const PACE: Pace = { firstTokenMs: 800, tokensPerSecond: 100, jitter: 1 };
const NUMBERS = 40;
const WORDS = Array.from({ length: NUMBERS }, (_, i) => i + 1).join(', ');

/** What became of one stream, as its client saw it. */
interface Outcome {
  readonly text: string;
  /** Why it ended, where it was told so. */
  readonly finish: string | null;
  readonly error: unknown;
}

let providers: readonly ProviderProcess[];
let gateway: RunningGateway;
beforeAll(async () => {
  providers = await Promise.all([PACE, PACE, PACE].map(startProviderProcess));
  const [first, second, third] = providers;
  const key = PROVIDER_KEY;
  gateway = await openGateway({
    providers: {
      first: { kind: 'openai', base_url: `${first!.url}/v1`, key },
      second: { kind: 'anthropic', base_url: `${second!.url}/v1`, key },
      third: { kind: 'gemini', base_url: `${third!.url}/v1beta`, key },
    },
    models: {
      m: { targets: ['first/gpt-4.1', 'second/claude-sonnet-4-5', 'third/gemini-2.5-flash'] },
    },
  });
});
afterAll(async () => {
  await gateway.close();
  await Promise.all(providers.map((provider) => provider.kill()));
});

describe('providers that are killed under 200 parallel streams', () => {
  it('cost no caller a word', async () => {
    const finished: RequestFinished[] = [];
    gateway.instance.bus.subscribe('test', (event) => {
      if (event.type === 'request-finished') finished.push(event);
    });
    const begun = new Progress();
    const openai = new OpenAI({ apiKey: gateway.key, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    const anthropic = new Anthropic({ apiKey: gateway.key, baseURL: gateway.url, maxRetries: 0 });
    const aiSdk = createOpenAICompatible({
      name: 'bellwether',
      apiKey: gateway.key,
      baseURL: `${gateway.url}/v1`,
    });
    const starts: readonly ((onBegin: () => void) => Promise<Outcome>)[] = [
      (onBegin) => openaiStream(openai, onBegin),
      (onBegin) => anthropicStream(anthropic, onBegin),
      (onBegin) => aiSdkStream(aiSdk('m'), onBegin),
    ];
    const streams = Array.from({ length: STREAMS }, (_, i) => starts[i % 3]!(() => begun.count()));
    await begun.more(STREAMS / 8);
    await providers[0]!.kill();
    // What begins now begins at the second.
    await begun.more(STREAMS / 8);
    await providers[1]!.kill();
    const outcomes = await Promise.all(streams);

    for (const { text, finish, error } of outcomes) {
      expect(error).toBeNull();
      expect(text).toBe(WORDS);
      expect(finish).toMatch(/^(stop|end_turn)$/);
    }
    // Some were hit in the middle by either kill, some before their first word, many not at all.
    const resumed = finished.filter(({ attempts }) => attempts.some(({ resume }) => resume !== null));
    for (const name of ['first', 'second']) {
      const hit = resumed.filter(({ attempts }) =>
        attempts.some(
          ({ provider, outcome }) => provider === name && outcome.type === 'failed' && outcome.committed,
        ),
      );
      expect(hit.length, name).toBeGreaterThan(5);
    }
    process.stdout.write(
      `two providers killed under ${STREAMS} streams: ${outcomes.length} whole, ${resumed.length} of them resumed, 0 lost\n`,
    );
  });

  it('leave the third to answer everything that comes later', async () => {
    const openai = new OpenAI({ apiKey: gateway.key, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => openaiStream(openai, () => undefined)),
    );
    expect(outcomes.filter(({ text, error }) => text !== WORDS || error !== null)).toEqual([]);
    const { response } = await openai.chat.completions.create(question('m')).withResponse();
    // The circuits of the first two are open: nobody waits for them any more, but for the one that finds out.
    expect(response.headers.get('x-bellwether-provider')).toBe('third');
    expect(Number(response.headers.get('x-bellwether-attempts'))).toBeLessThanOrEqual(3);
  });
});

/** Counts up, and tells who waits for so many more. */
class Progress {
  #count = 0;
  readonly #waiting: { readonly at: number; readonly resolve: () => void }[] = [];

  count(): void {
    this.#count += 1;
    for (const { at, resolve } of this.#waiting) if (at === this.#count) resolve();
  }

  more(wanted: number): Promise<void> {
    const at = this.#count + wanted;
    return new Promise((resolve) => void this.#waiting.push({ at, resolve }));
  }
}

function question(model: string): OpenAI.ChatCompletionCreateParamsNonStreaming {
  return { model, messages: [{ role: 'user', content: `Count to ${NUMBERS}` }] };
}

async function openaiStream(client: OpenAI, onBegin: () => void): Promise<Outcome> {
  let text = '';
  let finish: string | null = null;
  try {
    const stream = await client.chat.completions.create({ ...question('m'), stream: true });
    for await (const { choices } of stream) {
      const content = choices[0]?.delta.content ?? '';
      if (text === '' && content !== '') onBegin();
      text += content;
      finish = choices[0]?.finish_reason ?? finish;
    }
    return { text, finish, error: finish === null ? new Error('ended without a reason') : null };
  } catch (error) {
    return { text, finish, error };
  }
}

async function anthropicStream(client: Anthropic, onBegin: () => void): Promise<Outcome> {
  let text = '';
  let finish: string | null = null;
  try {
    const stream = await client.messages.create({
      model: 'm',
      max_tokens: 1000,
      messages: [{ role: 'user', content: `Count to ${NUMBERS}` }],
      stream: true,
    });
    for await (const event of stream) {
      if (event.type === 'message_delta') finish = event.delta.stop_reason;
      if (event.type !== 'content_block_delta' || event.delta.type !== 'text_delta') continue;
      if (text === '') onBegin();
      text += event.delta.text;
    }
    return { text, finish, error: finish === null ? new Error('ended without a reason') : null };
  } catch (error) {
    return { text, finish, error };
  }
}

async function aiSdkStream(model: LanguageModel, onBegin: () => void): Promise<Outcome> {
  let text = '';
  let finish: string | null = null;
  const { stream } = streamText({
    model,
    prompt: `Count to ${NUMBERS}`,
    maxRetries: 0,
    onError: () => undefined,
  });
  for await (const part of stream) {
    if (part.type === 'error') return { text, finish, error: part.error };
    if (part.type === 'finish') finish = part.finishReason;
    if (part.type !== 'text-delta') continue;
    if (text === '') onBegin();
    text += part.text;
  }
  return { text, finish, error: finish === null ? new Error('ended without a reason') : null };
}
