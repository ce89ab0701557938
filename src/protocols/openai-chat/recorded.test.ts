import { expect, it } from 'vitest';
import { describeShared } from '../../../test/shared.ts';
import { textToBytes } from '../../base/bytes.ts';
import type { Json } from '../../base/json.ts';
import type { AssistantPart, GenerateResult, Warning } from '../../spec/generate.ts';
import { inputTotal, UNKNOWN_USAGE, type Usage } from '../../spec/usage.ts';
import { NO_QUIRKS } from '../../spec/provider.ts';
import { SseDecoder, toWireEvent } from '../framing/sse.ts';
import type { EncodeTarget, Listener } from '../protocol.ts';
import { collect, type Collected } from '../testing/collect.ts';
import { contextOf, decodePieces, PLAIN_TARGET } from '../testing/describe-protocol.ts';
import { openaiChat } from './protocol.ts';
import { readStream, readWhole, type Reading } from './testing/naive-reader.ts';
import { recorded } from './testing/recorded.ts';
import type { Recorded } from '../testing/recorded.ts';
import { schemaCheck } from '../testing/schema.ts';

const { downstream, upstream, passthrough } = openaiChat;

/** A target that takes everything, so that nothing but the codec can lose something. */
const GENEROUS: EncodeTarget = {
  model: 'upstream-model',
  capabilities: {
    ...PLAIN_TARGET.capabilities,
    reasoning: { type: 'effort', efforts: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] },
  },
  quirks: {
    ...NO_QUIRKS,
    reasoningField: 'reasoning_content',
    signedState: 'reasoning_details',
    cacheControl: true,
  },
};

describeShared('recorded exchanges of the chat wire', () => {
  const exchanges = recorded('chat');
  const good = exchanges.filter(({ status, body }) => status === 200 && hasChoices(body));
  const streams = exchanges.filter(({ stream }) => stream !== undefined);
  const refused = exchanges.filter(({ status }) => status >= 400);
  const requests = exchanges.filter(({ request, status }) => status === 200 && hasMessages(request?.body));
  const answerSchema = schemaCheck('openai', 'CreateChatCompletionResponse');
  const chunkSchema = schemaCheck('openai', 'CreateChatCompletionStreamResponse');

  it('are there', () => {
    expect(good.length).toBeGreaterThan(250);
    expect(streams.length).toBeGreaterThan(90);
    expect(refused.length).toBeGreaterThan(15);
    expect(requests.length).toBeGreaterThan(250);
  });

  it.each(named(good))('decodes the answer %s as a naive reader does', (_, { body }) => {
    const result = upstream.decodeResult(body!, PLAIN_TARGET);
    const naive = readWhole(body);
    expect(reading(result.parts, result.usage)).toEqual({ ...naive, finish: null });
    expect(ids(result)).toHaveLength(new Set(ids(result)).size);
  });

  it.each(named(good))('writes the answer %s again as the schema wants it', (_, { body }) => {
    const result = upstream.decodeResult(body!, PLAIN_TARGET);
    const encoded = overTheWire(downstream.encodeResult(result, contextOf()));
    expect(answerSchema(withoutExtras(encoded))).toBeNull();
    const again = upstream.decodeResult(encoded, PLAIN_TARGET);
    expect(filledCalls(reading(again.parts, again.usage))).toEqual(
      filledCalls(reading(result.parts, result.usage)),
    );
    expect(again.finish.reason).toBe(result.finish.reason);
  });

  it.each(named(streams))('decodes the stream %s as a naive reader does', (_, { stream }) => {
    const collected = collect(decodePieces(openaiChat, [textToBytes(stream!)]));
    const naive = readStream(stream!);
    // The terminator alone is an end as well: some servers give no finish_reason at all.
    const ended = naive.finish !== null || stream!.includes('[DONE]');
    expect(collected.finish !== null).toBe(ended);
    expect(collected.error === null).toBe(ended || !stream!.includes('"error":{'));
    expect(reading(collected.result.parts, collected.result.usage)).toEqual({ ...naive, finish: null });
  });

  it.each(named(streams))('decodes the stream %s alike byte by byte', (_, { stream }) => {
    const bytes = textToBytes(stream!);
    expect(decodePieces(openaiChat, bytes.split(''))).toEqual(decodePieces(openaiChat, [bytes]));
  });

  it.each(named(streams))(
    'writes the stream %s again as the schema and the grammar want it',
    (_, { stream }) => {
      const parts = decodePieces(openaiChat, [textToBytes(stream!)]);
      const before = collect(parts);
      const pump = downstream.encodeStream(contextOf());
      const events = [...parts.flatMap((part) => [...pump.push(part)]), ...pump.end()];
      const chunks = events
        .filter(({ data }) => data !== '[DONE]')
        .map(({ data }) => JSON.parse(data) as Json);
      const answers = chunks.filter((chunk) => hasChoices(chunk));
      expect(answers.map(chunkSchema).filter((problem) => problem !== null)).toEqual([]);
      const whole = before.finish !== null;
      expect(events.at(-1)?.data === '[DONE]').toBe(whole);
      expect(finishWords(answers)).toHaveLength(whole ? 1 : 0);
      const after = collect(decodePieces(openaiChat, [textToBytes(downstream.frame(events))]));
      expect(essence(after)).toEqual(essence(before));
    },
  );

  it.each(named(streams))('hears in the stream %s what the decoder reads', (_, { stream }) => {
    const collected = collect(decodePieces(openaiChat, [textToBytes(stream!)]));
    const listener = passthrough.listener(PLAIN_TARGET);
    hear(listener, stream!);
    const { heard } = listener;
    expect(heard.error === null).toBe(collected.error === null);
    expect(heard.finish === null).toBe(collected.finish === null);
    expect(heard.content).toBe(collected.result.parts.length > 0);
    expect(heard.usage ?? UNKNOWN_USAGE).toEqual(collected.result.usage);
    const visible = reading(collected.result.parts, collected.result.usage);
    const calls = visible.calls.map((call) => call.arguments);
    const { length } = [visible.text, visible.reasoning, visible.refusal, ...calls].join('');
    // Events that are not parsed are measured in bytes and with escapes: right within a factor of three.
    expect(heard.outputChars).toBeGreaterThanOrEqual(length / 3);
    expect(heard.outputChars).toBeLessThanOrEqual(length * 3 + 200);
  });

  it.each(named(good))('hears in the answer %s what the decoder reads', (_, { body }) => {
    const result = upstream.decodeResult(body!, PLAIN_TARGET);
    const listener = passthrough.listener(PLAIN_TARGET);
    listener.readBody(textToBytes(JSON.stringify(body)));
    expect(listener.heard.error).toBeNull();
    expect(listener.heard.complete).toBe(true);
    expect(listener.heard.usage ?? result.usage).toEqual(result.usage);
    expect(listener.heard.finish ?? result.finish).toEqual(result.finish);
  });

  it.each(named(refused))('classifies the refusal %s', (_, { status, headers, body }) => {
    const failure = upstream.decodeError(status, Object.entries(headers), textToBytes(JSON.stringify(body)));
    expect(failure.kind).toBe(expectedKind(status, JSON.stringify(body)));
    expect(failure.message).not.toBe('');
  });

  it.each(named(requests))('reads the request %s and writes it again without a loss', (_, { request }) => {
    const decoded = downstream.decodeRequest(request!.body, {});
    const { body, warnings } = upstream.encodeRequest(decoded, { ...GENEROUS, model: decoded.model });
    expect(warnings.filter(isUnexpected)).toEqual([]);
    // A document without a name gets one, because OpenAI wants it.
    const unnamed = JSON.parse(JSON.stringify(body).replaceAll('"filename":"document.pdf",', '')) as Json;
    const again = { ...downstream.decodeRequest(unnamed, {}), streamUsage: undefined };
    expect(warnings.length > 0 ? {} : again).toEqual(
      warnings.length > 0 ? {} : { ...decoded, streamUsage: undefined },
    );
  });
});

describeShared('recorded exchanges of the embeddings API', () => {
  const vectors = recorded('embeddings').filter(({ status, body }) => status === 200 && body !== undefined);

  it.each(named(vectors.filter(isOpenAiEmbedding)))('reads and writes the vectors of %s', (_, { body }) => {
    const result = upstream.embed!.decodeResult(body!);
    const wanted = (body as { data: { embedding: unknown }[] }).data;
    expect(result.vectors).toHaveLength(wanted.length);
    const { usage } = body as { usage: { prompt_tokens?: number; total_tokens: number } };
    expect(inputTotal(result.usage)).toBe(usage.prompt_tokens ?? usage.total_tokens);
    for (const encoding of ['float', 'base64'] as const) {
      const encoded = downstream.embed!.encodeResult(result, { model: 'm', input: ['a'], encoding });
      const again = upstream.embed!.decodeResult(overTheWire(encoded));
      expect(again.vectors.map(single)).toEqual(result.vectors.map(single));
    }
  });
});

// Fields that the wire has no room for, whatever the target: n > 1, top_k, metadata without store, Groq's own tiers.
const EXPECTED_LOSSES = new Set(['n', 'top_k', 'metadata', 'service_tier']);

function isUnexpected({ field, code, message }: Warning): boolean {
  return !EXPECTED_LOSSES.has(field) && code !== 'emulated' && !message.includes('not by address');
}

function named(list: readonly Recorded[]): [string, Recorded][] {
  return list.map((one) => [one.id, one]);
}

function hasChoices(body: Json | undefined): boolean {
  return Array.isArray((body as { choices?: unknown[] } | null | undefined)?.choices);
}

function hasMessages(body: Json | undefined): boolean {
  return Array.isArray((body as { messages?: unknown[] } | null | undefined)?.messages);
}

function isOpenAiEmbedding({ body }: Recorded): boolean {
  return Array.isArray((body as { data?: { embedding?: unknown }[] }).data);
}

function single(vector: readonly number[]): readonly number[] {
  return vector.map(Math.fround);
}

function reading(parts: readonly AssistantPart[], usage: Usage): Reading {
  const texts = (type: 'text' | 'reasoning' | 'refusal'): string =>
    parts.map((part) => (part.type === type ? (part.text ?? '') : '')).join('');
  const calls = parts.flatMap((part) =>
    part.type === 'tool-call' ? [{ name: part.name, arguments: part.arguments }] : [],
  );
  return {
    text: texts('text'),
    reasoning: texts('reasoning'),
    refusal: texts('refusal'),
    calls,
    finish: null,
    inputTokens: inputTotal(usage),
  };
}

function ids(result: GenerateResult): readonly string[] {
  return result.parts.flatMap((part) => (part.type === 'tool-call' ? [part.id] : []));
}

// Empty arguments are written as `{}`, because clients parse them.
function essence({ result, finish, error }: Collected): unknown {
  const said = filledCalls(reading(result.parts, result.usage));
  // Usage is told after the finish, so a stream without one has none.
  const inputTokens = finish === null ? null : said.inputTokens;
  return { ...said, inputTokens, finish: finish?.reason ?? null, error: error === null ? null : 'error' };
}

function filledCalls(said: Reading): Reading {
  const calls = said.calls.map((call) => ({
    ...call,
    arguments: call.arguments === '' ? '{}' : call.arguments,
  }));
  return { ...said, calls };
}

function finishWords(chunks: readonly Json[]): readonly string[] {
  return chunks.flatMap((chunk) => {
    const { choices } = chunk as { choices: { finish_reason: string | null }[] };
    return choices.flatMap((choice) => (choice.finish_reason === null ? [] : [choice.finish_reason]));
  });
}

// Unknown fields of other providers are passed on; the schema is OpenAI's and knows only its own.
function withoutExtras(answer: Json): Json {
  const { id, object, created, model, choices, usage } = answer as { [key: string]: Json };
  const known = overTheWire({ id, object, created, model, choices, usage } as Json);
  const { message } = (known as unknown as { choices: { message: { annotations?: { type: string }[] } }[] })
    .choices[0]!;
  message.annotations &&= message.annotations.filter(({ type }) => type === 'url_citation');
  return known;
}

function hear(listener: Listener, stream: string): void {
  const framing = new SseDecoder();
  const events = [...framing.push(textToBytes(stream)), ...framing.end()];
  for (const event of events) {
    listener.readEvent(event.name, event.data);
    // Nothing is hidden from a client that asked for everything, but for an error after the finish.
    const afterword = listener.heard.finish !== null && event.data.includes('"error":{');
    expect(listener.hides?.(event.name, event.data)).toBe(afterword);
    expect(toWireEvent(event).data).not.toBe('');
  }
}

function expectedKind(status: number, body: string): string {
  if (body.includes('tool_use_failed')) return 'upstream_rejected';
  if (status === 404) return 'upstream_model_missing';
  return status === 429 ? 'upstream_rate_limited' : 'invalid_request';
}

function overTheWire(body: Json): Json {
  return JSON.parse(JSON.stringify(body)) as Json;
}
