import { describe, expect, it } from 'vitest';
import { bytesToText } from '../base/bytes.ts';
import { asString, field, fieldAt, parseJsonOr, type Json } from '../base/json.ts';
import type { Fault } from './faults/fault.ts';
import { INSTANT_PACE, type SimulatorSettings } from './settings.ts';
import { createSimulator } from './simulator.ts';
import { exchange, NO_NETWORK, testPorts, wireRequest, type HeardCall } from './testing/ports.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';

const CHAT = 'simulated://drill/v1/chat/completions';
const MESSAGES = 'simulated://drill/v1/messages';
const CONTENTS = 'simulated://drill/v1beta/models/gemini-2.5-flash';

describe('a simulated provider in process', () => {
  it('answers a chat request', () => {
    const heard = ask(CHAT, chat('What is 12 * (3 + 4)?'));
    expect(heard.status).toBe(200);
    expect(heard.ended).toBe(true);
    const body = bodyOf(heard);
    expect(fieldAt(first(body, 'choices'), 'message', 'content')).toBe('12 * (3 + 4) = 84');
    expect(fieldAt(first(body, 'choices'), 'finish_reason')).toBe('stop');
    const usage = field(body, 'usage');
    expect(Number(field(usage, 'prompt_tokens')) + Number(field(usage, 'completion_tokens'))).toBe(
      field(usage, 'total_tokens'),
    );
  });

  it('answers a Messages request', () => {
    const heard = ask(MESSAGES, messages('What is the capital of France?'));
    expect(field(first(bodyOf(heard), 'content'), 'text')).toBe('The capital of France is Paris.');
  });

  it('answers a generateContent request', () => {
    const heard = ask(`${CONTENTS}:generateContent`, contents('Say exactly: ahoy'));
    const [candidate] = [first(bodyOf(heard), 'candidates')];
    expect(field(first(field(candidate, 'content'), 'parts'), 'text')).toBe('ahoy');
  });

  it.each([
    ['chat', CHAT, { ...chat('Count to 5'), stream: true }, 'data: [DONE]'],
    ['messages', MESSAGES, { ...messages('Count to 5'), stream: true }, 'event: message_stop'],
    [
      'generate-content',
      `${CONTENTS}:streamGenerateContent?alt=sse`,
      contents('Count to 5'),
      '"finishReason":"STOP"',
    ],
  ])('streams on the %s wire to a proper end', (_wire, url, body, end) => {
    const heard = ask(url, body);
    expect(heard.status).toBe(200);
    expect(heard.ended).toBe(true);
    expect(heard.body).toContain(end);
    expect(heard.arrivals.length).toBeGreaterThan(3);
  });

  it('streams a JSON array on the generateContent wire where events are not asked for', () => {
    const heard = ask(`${CONTENTS}:streamGenerateContent`, contents('Count to 5'));
    expect(Array.isArray(bodyOf(heard))).toBe(true);
  });

  it('answers the same bytes for the same seed, and other words for another', () => {
    const question = chat('Tell me about tides');
    expect(ask(CHAT, question).body).toBe(ask(CHAT, question).body);
    const texts = new Set(['a', 'b', 'c', 'd', 'e'].map((seed) => ask(CHAT, question, { seed }).body));
    expect(texts.size).toBeGreaterThan(1);
  });

  it('paces a stream in the time of the clock', () => {
    const pace = { firstTokenMs: 200, tokensPerSecond: 50, jitter: 0 };
    const heard = ask(CHAT, { ...chat('Count to 40'), stream: true }, { defaults: { pace } });
    const content = heard.arrivals.filter(
      ({ bytes }) => bytes.includes('"content":"') && !bytes.includes('"content":""'),
    );
    expect(content[0]!.atMs).toBe(200);
    const gaps = content.slice(1).map(({ atMs }, index) => atMs - content[index]!.atMs);
    expect(new Set(gaps.map((gap) => Math.round(gap)))).toEqual(new Set([20]));
  });

  it('stops at the limit of tokens and says so', () => {
    const heard = ask(CHAT, { ...chat('Tell me about tides'), max_tokens: 8 });
    expect(fieldAt(first(bodyOf(heard), 'choices'), 'finish_reason')).toBe('length');
    expect(fieldAt(bodyOf(heard), 'usage', 'completion_tokens')).toBe(8);
  });

  it('stops at a stop sequence', () => {
    const heard = ask(MESSAGES, { ...messages('Count to 9'), stop_sequences: ['5'] });
    expect(field(bodyOf(heard), 'stop_reason')).toBe('stop_sequence');
    expect(field(first(bodyOf(heard), 'content'), 'text')).toBe('1, 2, 3, 4, ');
  });

  it('goes on with an answer that broke off, word for word', () => {
    const question = { role: 'user', content: 'Tell me about tides' };
    const whole = contentOf(ask(CHAT, { model: 'gpt-4.1', messages: [question] }));
    const broken = { role: 'assistant', content: whole.slice(0, 100) };
    const resume = { role: 'user', content: 'Continue exactly from where you stopped.' };
    const prefilled = ask(CHAT, { model: 'gpt-4o', messages: [question, broken] });
    const asked = ask(CHAT, { model: 'gpt-4o', messages: [question, broken, resume] });
    expect(contentOf(prefilled)).toBe(whole.slice(100));
    expect(contentOf(asked)).toBe(whole.slice(100));
  });

  it('remembers what was told earlier', () => {
    const told = [
      { role: 'user', content: 'Hi, my name is Ada.' },
      { role: 'assistant', content: 'Hello!' },
      { role: 'user', content: 'What is my name?' },
    ];
    expect(contentOf(ask(CHAT, { model: 'gpt-4.1', messages: told }))).toContain('Your name is Ada');
  });

  it('counts repeated long beginnings as cached', () => {
    const clock = new VirtualClock();
    const transport = simulated(clock, {}).transport(NO_NETWORK);
    const body = chat('x '.repeat(5000));
    exchange(transport, clock, wireRequest(CHAT, body));
    const heard = exchange(transport, clock, wireRequest(CHAT, body));
    expect(Number(fieldAt(bodyOf(heard), 'usage', 'prompt_tokens_details', 'cached_tokens'))).toBeGreaterThan(
      2000,
    );
  });

  it('serves embeddings that know likeness', () => {
    const body = {
      model: 'text-embedding-3-small',
      input: ['the red cat', 'the red dog', 'monetary policy'],
    };
    const heard = ask('simulated://drill/v1/embeddings', body);
    const vectors = (field(bodyOf(heard), 'data') as Json[]).map(
      (item) => field(item, 'embedding') as number[],
    );
    const near = dot(vectors[0]!, vectors[1]!);
    expect(dot(vectors[0]!, vectors[0]!)).toBeCloseTo(1, 4);
    expect(near).toBeGreaterThan(dot(vectors[0]!, vectors[2]!) + 0.2);
  });

  it('lists models and counts tokens', () => {
    expect(first(bodyOf(ask('simulated://drill/v1/models', undefined)), 'data')).toMatchObject({
      object: 'model',
    });
    const counted = ask('simulated://drill/v1/messages/count_tokens', messages('Count to 5'));
    const answered = ask(MESSAGES, messages('Count to 5'));
    expect(field(bodyOf(counted), 'input_tokens')).toBe(fieldAt(bodyOf(answered), 'usage', 'input_tokens'));
  });

  it('hands other addresses on', () => {
    const clock = new VirtualClock();
    const transport = simulated(clock, {}).transport(NO_NETWORK);
    expect(() => exchange(transport, clock, wireRequest('https://example.com/v1/models', {}))).toThrow(
      'network',
    );
  });

  it('stops while it is paused and goes on after', () => {
    const clock = new VirtualClock();
    const transport = simulated(clock, {}).transport(NO_NETWORK);
    const arrived: string[] = [];
    const call = transport.send(wireRequest(CHAT, { ...chat('Count to 5'), stream: true }), {
      onHead: () => {},
      onData: (bytes) => {
        arrived.push(bytes);
        if (arrived.length === 2) call.pause();
      },
      onEnd: () => arrived.push('end'),
      onFail: () => arrived.push('failed'),
    });
    clock.advanceAtOnce(1000);
    expect(arrived.length).toBe(2);
    call.resume();
    clock.advanceAtOnce(1000);
    expect(arrived.at(-1)).toBe('end');
  });

  it('says nothing more after an abort', () => {
    const clock = new VirtualClock();
    const transport = simulated(clock, {}).transport(NO_NETWORK);
    let heard = 0;
    const count = (): void => void (heard += 1);
    transport
      .send(wireRequest(CHAT, chat('hi')), { onHead: count, onData: count, onEnd: count, onFail: count })
      .abort();
    clock.advanceAtOnce(1000);
    expect(heard).toBe(0);
  });
});

describe('faults in process', () => {
  it.each<[string, Fault['kind'], object]>([
    ['down', { type: 'down' }, { status: null, ended: false, failure: { type: 'connect', sent: false } }],
    [
      'hang-before-head',
      { type: 'hang-before-head' },
      { status: null, failure: { type: 'head-timeout', sent: true } },
    ],
    [
      'reset-before-head',
      { type: 'reset-before-head' },
      { status: null, failure: { type: 'reset', sent: true } },
    ],
    ['status', { type: 'status', error: 'internal' }, { status: 500, ended: true }],
    [
      'cut-mid-stream',
      { type: 'cut-mid-stream', afterEvents: 3 },
      { status: 200, ended: false, failure: { type: 'truncated', sent: true } },
    ],
    [
      'reset-mid-stream',
      { type: 'reset-mid-stream', afterEvents: 3 },
      { status: 200, ended: false, failure: { type: 'reset', sent: true } },
    ],
    [
      'hang-mid-stream',
      { type: 'hang-mid-stream', afterEvents: 3 },
      { status: 200, ended: false, failure: null },
    ],
  ])('shows %s', (_name, kind, expected) => {
    const heard = ask(CHAT, { ...chat('Count to 20'), stream: true }, { defaults: { fault: { kind } } });
    expect(heard).toMatchObject(expected);
  });

  it('meets a share of the requests', () => {
    const clock = new VirtualClock();
    const simulator = simulated(clock, {});
    simulator.setFault('drill', { kind: { type: 'status', error: 'internal' }, share: 0.3 });
    const statuses = Array.from({ length: 400 }, () => {
      const script = simulator.respond('drill', {
        method: 'POST',
        path: '/v1/chat/completions',
        headers: wireRequest(CHAT, {}).headers,
        body: wireRequest(CHAT, chat('hi')).body,
      });
      return script.type === 'answer' ? script.status : 0;
    });
    const failed = statuses.filter((status) => status === 500).length;
    expect(failed).toBeGreaterThan(80);
    expect(failed).toBeLessThan(160);
    simulator.setFault('drill', null);
    expect(simulator.faults().size).toBe(0);
  });

  it('refuses what is no fault', () => {
    const simulator = simulated(new VirtualClock(), {});
    expect(() => simulator.setFault('drill', JSON.parse('{"kind":{"type":"explode"}}'))).toThrow(
      /"kind.type" must be one of down, /,
    );
    expect(simulator.faults().size).toBe(0);
  });

  it('is asked for by magic model names', () => {
    expect(ask(CHAT, chat('hi', 'gpt-4.1#529')).status).toBe(503);
    expect(ask(MESSAGES, { ...messages('hi'), model: 'claude-sonnet-4-5#529' }).status).toBe(529);
    expect(ask(CHAT, chat('hi', 'sim-fault-rate-limit:20')).headers).toContainEqual(['retry-after', '20']);
    expect(ask(CHAT, chat('hi', 'sim-anything')).status).toBe(200);
  });
});

function simulated(clock: VirtualClock, settings: SimulatorSettings): ReturnType<typeof createSimulator> {
  return createSimulator(
    testPorts({ ...settings, defaults: { pace: INSTANT_PACE, ...settings.defaults } }, clock),
  );
}

function ask(url: string, body: unknown, settings: SimulatorSettings = {}): HeardCall {
  const clock = new VirtualClock();
  return exchange(simulated(clock, settings).transport(NO_NETWORK), clock, wireRequest(url, body));
}

function chat(text: string, model = 'gpt-4.1'): { readonly [key: string]: Json } {
  return { model, messages: [{ role: 'user', content: text }] };
}

function messages(text: string): { readonly [key: string]: Json } {
  return { model: 'claude-sonnet-4-5', max_tokens: 1000, messages: [{ role: 'user', content: text }] };
}

function contents(text: string): { readonly [key: string]: Json } {
  return { contents: [{ role: 'user', parts: [{ text }] }] };
}

function bodyOf(heard: HeardCall): Json {
  const text = bytesToText(heard.body as Parameters<typeof bytesToText>[0]);
  const body = parseJsonOr(text, undefined);
  if (body === undefined) throw new Error(`not JSON: ${text}`);
  return body;
}

function first(value: Json | undefined, key: string): Json | undefined {
  const list = field(value, key);
  return Array.isArray(list) ? list[0] : undefined;
}

function contentOf(heard: HeardCall): string {
  return asString(fieldAt(first(bodyOf(heard), 'choices'), 'message', 'content')) ?? '';
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}
