import { beforeAll, expect, it } from 'vitest';
import { brandText } from '../../src/base/brand.ts';
import { bytesToText, textToBytes, type Bytes } from '../../src/base/bytes.ts';
import { composeGateway, type ComposedGateway } from '../../src/compose/compose-gateway.ts';
import { loadConfig } from '../../src/compose/load-config.ts';
import { SseDecoder } from '../../src/protocols/framing/sse.ts';
import { PROTOCOLS } from '../../src/protocols/index.ts';
import type { Protocol } from '../../src/protocols/protocol.ts';
import { CHAT_COMPLETIONS, MESSAGES } from '../../src/server/inference/surfaces.ts';
import { UNKNOWN_CAPABILITIES } from '../../src/spec/model.ts';
import type { Transport } from '../../src/spec/ports.ts';
import { NO_QUIRKS } from '../../src/spec/provider.ts';
import type { StreamPart } from '../../src/spec/stream.ts';
import { RecordingSink, virtualRuntime } from '../../src/testing.ts';
import { recordingsOf, isJoined } from '../replay/recordings.ts';
import { describeShared } from '../shared.ts';
import { chatView, messagesView, type ClientView } from './client-view.ts';
import { OTHERWISE, secondAnswer, textOfParts, type SecondProvider } from './second-provider.ts';

/** Every how many bytes a stream is cut: 1 for all of them (`RESUME_STRIDE=1`), a prime otherwise, from a place of its own. */
const STRIDE = Number(process.env['RESUME_STRIDE'] ?? 67);
/** Recordings of each wire, and the longest of them. */
const RECORDINGS = Number(process.env['RESUME_RECORDINGS'] ?? 8);
const BYTES_MAX = 12_000;

const WIRES = [
  { api: 'chat', kind: 'openai', model: 'gpt-4.1' },
  { api: 'messages', kind: 'anthropic', model: 'claude-sonnet-4-5' },
  { api: 'generate-content', kind: 'gemini', model: 'gemini-2.5-flash' },
] as const;
type Wire = (typeof WIRES)[number];
const CLIENTS = [
  { name: 'chat', surface: CHAT_COMPLETIONS, view: chatView },
  { name: 'messages', surface: MESSAGES, view: messagesView },
] as const;
type Client = (typeof CLIENTS)[number];

/** How the provider that goes on behaves; by it the ways of going on are told apart. */
const SECONDS = [
  { name: 'takes a prefill', api: 'messages', saysOtherwise: true, overlap: 0 },
  { name: 'says the same again', api: 'same', saysOtherwise: false, overlap: 0 },
  { name: 'goes on when asked to', api: 'chat', saysOtherwise: true, overlap: 0 },
  { name: 'repeats a little when it goes on', api: 'generate-content', saysOtherwise: true, overlap: 23 },
] as const;

interface Recorded {
  readonly id: string;
  readonly bytes: Bytes;
  readonly parts: readonly StreamPart[];
  /** Whether it is words only: what can always go on. */
  readonly words: boolean;
}

const CALLER = {
  keyId: 'key',
  name: 'resume',
  role: 'inference',
  models: null,
  directTargets: true,
  tags: [],
} as const;

/** What the two providers do in the run at hand. */
class Providers implements Transport {
  first: { readonly bytes: string; readonly closes: boolean } = { bytes: '', closes: false };
  second: SecondProvider | null = null;
  readonly kinds: string[] = [];

  send: Transport['send'] = (request, handler) => {
    let aborted = false;
    const { hostname } = new URL(request.url);
    void Promise.resolve().then(() => {
      if (aborted) return;
      handler.onHead(200, [['content-type', 'text/event-stream']]);
      if (hostname === 'first.test') {
        handler.onData(brandText<Bytes>(this.first.bytes));
        if (aborted) return;
        if (this.first.closes) handler.onEnd();
        else handler.onFail({ type: 'reset', message: 'reset', sent: true });
        return;
      }
      if (this.second === null) throw new Error('nobody expected a second provider');
      handler.onData(secondAnswer(this.second, request));
      if (!aborted) handler.onEnd();
    });
    return {
      pause: () => {},
      resume: () => {},
      abort: () => {
        aborted = true;
      },
    };
  };

  close = async (): Promise<void> => {};
}

const providers = new Providers();
let composed: ComposedGateway;
beforeAll(async () => {
  const { runtime } = virtualRuntime({ transport: providers, secrets: { 'env:KEY': 'key' } });
  const hosts = { first: 'https://first.test/v1', second: 'https://second.test/v1' };
  const entries = WIRES.flatMap(({ kind }) =>
    (['first', 'second'] as const).map((role) => [
      `${role}-${kind}`,
      { kind, base_url: hosts[role], key: 'env:KEY' },
    ]),
  );
  const models = WIRES.flatMap((one) =>
    WIRES.map((two) => [
      `${one.api}-${two.api}`,
      { targets: [`first-${one.kind}/${one.model}`, `second-${two.kind}/${two.model}`] },
    ]),
  );
  const value = {
    // Thousands of broken streams shall not be taken for a broken target.
    failover: {
      spare_share: 0,
      breaker: { consecutive_failures: 1000, failure_share: 1, min_requests: 100_000 },
    },
    providers: Object.fromEntries(entries),
    models: Object.fromEntries(models),
  };
  const { config } = loadConfig({ type: 'value', value }, runtime.secrets);
  const keys = { identify: () => ({ type: 'caller', caller: CALLER }) as const };
  composed = await composeGateway({ config, runtime, keys });
});

function protocolOf(api: string): Protocol {
  const ids: { readonly [name: string]: string } = {
    chat: 'openai-chat',
    messages: 'anthropic-messages',
    'generate-content': 'gemini',
  };
  const found = PROTOCOLS.find(({ id }) => id === ids[api]);
  if (found === undefined) throw new Error(`no protocol for ${api}`);
  return found;
}

function partsOf(protocol: Protocol, bytes: Bytes): readonly StreamPart[] {
  const target = { model: 'm', capabilities: UNKNOWN_CAPABILITIES, quirks: NO_QUIRKS };
  const decoder = protocol.upstream.decodeStream(target);
  const framing = new SseDecoder();
  const parts = [...framing.push(bytes), ...framing.end()].flatMap(({ name, data }) =>
    decoder.push({ name, data: bytesToText(data) }),
  );
  return [...parts, ...decoder.end()];
}

function recordedStreams({ api }: Wire): readonly Recorded[] {
  const protocol = protocolOf(api);
  const all = recordingsOf(api).flatMap((recording): Recorded[] => {
    const { id, status, answer } = recording;
    if (status !== 200 || answer.type !== 'stream' || isJoined(recording)) return [];
    const bytes = textToBytes(answer.text);
    if (bytes.length > BYTES_MAX) return [];
    const parts = partsOf(protocol, bytes);
    const whole = parts.some(({ type }) => type === 'finish') && !parts.some(({ type }) => type === 'error');
    const native = parts.some((part) => part.type === 'block-start' && part.block.type === 'native');
    if (!whole || native || textOfParts(parts).length < 12) return [];
    const calls = parts.some((part) => part.type === 'block-start' && part.block.type === 'tool-call');
    const thinks = parts.some((part) => part.type === 'block-start' && part.block.type === 'reasoning');
    return [{ id, bytes, parts, words: !calls && !thinks }];
  });
  // Of each kind some: words only, and with thoughts or calls.
  const words = all.filter((each) => each.words).slice(0, RECORDINGS);
  return [...words, ...all.filter((each) => !each.words).slice(0, RECORDINGS)];
}

async function seenBy(client: Client, model: string): Promise<{ sink: RecordingSink; view: ClientView }> {
  const sink = new RecordingSink();
  const messages = [{ role: 'user', content: 'Go.' }];
  const special =
    client.name === 'chat' ? { stream_options: { include_usage: true } } : { max_tokens: 9_000 };
  const body = textToBytes(JSON.stringify({ model, stream: true, messages, ...special }));
  const { surface } = client;
  await composed.gateway.serve({ surface, path: {}, body, client: { header: () => undefined }, sink });
  return { sink, view: client.view(sink.body) };
}

interface Tally {
  runs: number;
  whole: number;
  wordsRuns: number;
  wordsWhole: number;
}

describeShared('a stream that is cut at every byte', () => {
  for (const wire of WIRES) {
    for (const client of CLIENTS) {
      it(
        `goes on exactly or says that it broke off: ${wire.api} to a ${client.name} client`,
        { timeout: 3_600_000 },
        async () => {
          const tally: Tally = { runs: 0, whole: 0, wordsRuns: 0, wordsWhole: 0 };
          const streams = recordedStreams(wire);
          expect(streams.length).toBeGreaterThan(2);
          let turn = 0;
          for (const recorded of streams) {
            providers.first = { bytes: recorded.bytes, closes: true };
            const reference = (await seenBy(client, `${wire.api}-${wire.api}`)).view;
            expect(reference, recorded.id).toMatchObject({ error: false, terminators: 1 });
            const offset = STRIDE === 1 ? 0 : (recorded.id.length * 7) % STRIDE;
            for (let at = offset; at < recorded.bytes.length; at += STRIDE) {
              turn += 1;
              const second = SECONDS[turn % SECONDS.length] ?? SECONDS[0];
              const api = second.api === 'same' ? wire.api : second.api;
              const { saysOtherwise, overlap } = second;
              providers.first = { bytes: recorded.bytes.slice(0, at), closes: turn % 2 === 0 };
              providers.second = { protocol: protocolOf(api), parts: recorded.parts, saysOtherwise, overlap };
              const { sink, view } = await seenBy(client, `${wire.api}-${api}`);
              const where = `${recorded.id} cut at ${at} of ${recorded.bytes.length}; the second ${second.name} (${api})`;
              expect(problems(view, reference, sink), where).toEqual([]);
              tally.runs += 1;
              if (!view.error) tally.whole += 1;
              if (!recorded.words) continue;
              tally.wordsRuns += 1;
              if (!view.error) tally.wordsWhole += 1;
            }
          }
          process.stdout.write(
            `${wire.api} to ${client.name}: ${tally.runs} cuts of ${streams.length} streams, 0 characters lost or doubled, 0 false ends; ` +
              `words resumed ${tally.wordsWhole} of ${tally.wordsRuns}, all kinds ${tally.whole} of ${tally.runs}\n`,
          );
          expect(tally.wordsWhole / tally.wordsRuns).toBeGreaterThanOrEqual(0.99);
        },
      );
    }
  }
});

// Everything that is wrong with what a client saw, in words.
function problems(view: ClientView, reference: ClientView, { ending }: RecordingSink): readonly string[] {
  const strange = [...view.names].filter((name) => !reference.names.has(name));
  const found = [
    { holds: !view.trailing, what: 'something came behind the end' },
    {
      holds: strange.length === 0 || view.names.size === 1,
      what: `its names changed: ${[...view.names].join(' | ')}`,
    },
    ...(view.error ? brokenOff(view, reference, ending) : whole(view, reference, ending)),
  ];
  return found.flatMap(({ holds, what }) => (holds ? [] : [what]));
}

interface Check {
  readonly holds: boolean;
  readonly what: string;
}

function brokenOff(view: ClientView, reference: ClientView, ending: string): readonly Check[] {
  return [
    { holds: ending === 'cut', what: `an error, and then ${ending}` },
    { holds: view.terminators === 0 && view.finishes.length === 0, what: 'an error and a false end' },
    { holds: reference.text.startsWith(view.text), what: `wrong words: ${view.text}` },
  ];
}

function whole(view: ClientView, reference: ClientView, ending: string): readonly Check[] {
  // What was given up before a word of it was sent is simply another provider's answer.
  const another = view.text === OTHERWISE;
  const calls = view.calls.map(asJson).join('; ');
  return [
    { holds: ending === 'whole', what: `no error, and then ${ending}` },
    { holds: view.terminators === 1, what: `${view.terminators} ends` },
    { holds: view.finishes.length === 1, what: `${view.finishes.length} reasons to stop` },
    { holds: another || view.text === reference.text, what: `wrong words: ${view.text}` },
    {
      holds: another || calls === reference.calls.map(asJson).join('; '),
      what: `wrong calls: ${calls}`,
    },
  ];
}

// One wire gives arguments as text, another as an object: spaces between them mean nothing.
function asJson(call: string): string {
  const space = call.indexOf(' ');
  const args = call.slice(space + 1);
  return `${call.slice(0, space)} ${args === '' ? '{}' : JSON.stringify(JSON.parse(args))}`;
}
