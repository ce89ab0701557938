import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeShared, sharedPath } from '../../../test/shared.ts';
import { brandText } from '../../base/brand.ts';
import { textToBytes, type Bytes } from '../../base/bytes.ts';
import { UNKNOWN_CAPABILITIES } from '../../spec/model.ts';
import { NO_QUIRKS } from '../../spec/provider.ts';
import { inputTotal, outputTotal, type Usage } from '../../spec/usage.ts';
import { scanTopLevel } from '../../base/json-scan.ts';
import type { EncodeTarget } from '../protocol.ts';
import { cut, generateRequest, SEED } from '../testing/arbitraries.ts';
import { collect } from '../testing/collect.ts';
import { contextOf, decodePieces } from '../testing/describe-protocol.ts';
import { gemini } from './protocol.ts';
import { decodeCountTokens, decodeCountRequest, encodeCountTokens } from './count-tokens.ts';
import { toJsonSchema } from './schema.ts';

/* oxlint-disable typescript/no-explicit-any -- recordings are read naively on purpose, without the codec's types */
type Any = any;

describeShared('recorded Gemini traffic', () => {
  const recordings = readRecordings();
  const answers = recordings.filter(({ api, status }) => api === 'generate-content' && status === 200);
  const streams = answers.filter(({ streamed }) => streamed);
  const wholes = answers.filter(({ streamed }) => !streamed);
  const requests = recordings.filter(({ api, request }) => api === 'generate-content' && request !== null);

  it('is there', () => {
    expect(wholes.length).toBeGreaterThan(110);
    expect(streams.length).toBeGreaterThan(30);
    expect(requests.length).toBeGreaterThan(110);
  });

  describe('answers', () => {
    it.each(answers.map((answer) => [answer.id, answer] as const))(
      '%s decodes as a naive reading does',
      (_, { payloads, streamed }) => {
        const naive = readNaively(payloads);
        const decoded = streamed ? decodeStreamed(payloads) : decodeWhole(payloads[0]);
        expect(decoded).toEqual(naive);
      },
    );

    it.each(streams.map((answer) => [answer.id, answer] as const))(
      '%s reaches a Gemini client as it came, and a listener hears the same',
      (_, { payloads }) => {
        const listener = gemini.passthrough.listener(targetFor('gemini-3-flash'));
        for (const payload of payloads) listener.readEvent('', textToBytes(JSON.stringify(payload)));
        const read = readNaively(payloads);
        expectHeard(listener.heard, read);
        const events = encodeStreamed(payloads);
        expect(events.flatMap((event) => validate('GenerateContentResponse', event))).toEqual([]);
        const sent = readNaively(events);
        expect(isPiecewise(payloads) ? { ...sent, arguments: 'in pieces' } : sent).toEqual(read);
      },
    );

    it.each(wholes.map((answer) => [answer.id, answer] as const))(
      '%s reaches a Gemini client as it came, and a listener hears the same',
      (_, { payloads }) => {
        const listener = gemini.passthrough.listener(targetFor('gemini-3-flash'));
        listener.readBody(textToBytes(JSON.stringify(payloads[0])));
        expectHeard(listener.heard, readNaively(payloads));
        const result = gemini.upstream.decodeResult(payloads[0], targetFor('gemini-3-flash'));
        const again: Any = gemini.downstream.encodeResult(result, contextOf({ stream: false }));
        const naive = readNaively(payloads);
        // A client that asked for numbers of enums gets words.
        expect(decodeWhole(again)).toEqual(naive.raw === '1' ? { ...naive, raw: 'STOP' } : naive);
        // Vertex's word is no word of the Gemini API; clients get the truth all the same.
        const faults = validate('GenerateContentResponse', again);
        expect(naive.raw === 'MODEL_ARMOR' ? [] : faults).toEqual([]);
      },
    );
  });

  it.each(answers.filter(({ raw }) => raw !== null).map((answer) => [answer.id, answer] as const))(
    '%s decodes alike however the bytes are cut',
    (_, { raw }) => {
      const bytes = textToBytes(raw ?? '');
      const whole = decodePieces(gemini, [bytes]);
      expect(whole.length).toBeGreaterThan(3);
      for (const size of [1, 7, 1000]) expect(decodePieces(gemini, cut(bytes, [size]))).toEqual(whole);
    },
  );

  describe('requests', () => {
    it.each(requests.map((recording) => [recording.id, recording] as const))(
      '%s comes back from its decoding as it was',
      (_, { request, model }) => {
        const target = targetFor(model);
        const decoded = gemini.downstream.decodeRequest(request, { model, stream: false });
        const { body, warnings } = gemini.upstream.encodeRequest(decoded, target);
        const same = warnings.length === 0 ? canonical(request, model) : canonical(body, model);
        expect(canonical(body, model)).toEqual(same);
        expect(validate('GenerateContentRequest', body)).toEqual([]);
        const again = gemini.downstream.decodeRequest(body, { model, stream: false });
        expect(gemini.upstream.encodeRequest(again, target).body).toEqual(body);
        const text = JSON.stringify(request);
        const scanned = scanTopLevel(textToBytes(text));
        const edits = scanned.type === 'ok' ? gemini.passthrough.edits(scanned.top, false, target) : null;
        const unsigned = /"function_?call"/i.test(text) && !/"thought_?signature"/i.test(text);
        expect(edits === null).toBe(unsigned && /gemini-3|latest/.test(model));
      },
    );

    it('mostly need no warning', () => {
      const warned = requests.filter(({ request, model }) => {
        const decoded = gemini.downstream.decodeRequest(request, { model });
        return gemini.upstream.encodeRequest(decoded, targetFor(model)).warnings.length > 0;
      });
      expect(warned.length).toBeLessThan(requests.length / 10);
    });
  });

  it.each(['gemini-2.5-flash', 'gemini-3-flash'])(
    'holds whatever is asked of %s against the schema',
    (model) => {
      fc.assert(
        fc.property(generateRequest('elsewhere'), (request) => {
          const { body } = gemini.upstream.encodeRequest(request, targetFor(model));
          expect(validate('GenerateContentRequest', body)).toEqual([]);
        }),
        { seed: SEED, numRuns: 100 },
      );
    },
  );

  it('counts tokens as recorded', () => {
    const counts = recordings.filter(({ api, status }) => api === 'count-tokens' && status === 200);
    expect(counts.length).toBeGreaterThan(1);
    for (const { payloads, request, model } of counts) {
      expect(decodeCountTokens(payloads[0])).toBe(payloads[0].totalTokens);
      const decoded = decodeCountRequest(request, { model });
      expect(validate('CountTokensRequest', encodeCountTokens(decoded, targetFor(model)).body)).toEqual([]);
    }
  });

  it('reads recorded vectors', () => {
    const batches = recordings.filter(
      ({ url, status }) => url.includes(':batchEmbedContents') && status === 200,
    );
    expect(batches.length).toBeGreaterThan(1);
    for (const { payloads, request, model } of batches) {
      const { vectors } = gemini.upstream.embed!.decodeResult(payloads[0]);
      expect(vectors).toEqual(payloads[0].embeddings.map((embedding: Any) => embedding.values));
      const input = request.requests.map((one: Any) => one.content.parts[0].text);
      const encoded = gemini.upstream.embed!.encodeRequest(
        { model, input, encoding: 'float' },
        targetFor(model),
      );
      expect(validate('BatchEmbedContentsRequest', encoded.body)).toEqual([]);
    }
  });

  it('decodes the requests of Gemini CLI', () => {
    const client = JSON.parse(
      readFileSync(sharedPath('fixtures', 'clients', 'gemini-cli-basic.json'), 'utf8'),
    );
    const body = client.requests[0].body;
    const decoded = gemini.downstream.decodeRequest(body, { model: 'gemini-2.5-flash', stream: true });
    expect(decoded).toMatchObject({
      model: 'gemini-2.5-flash',
      stream: true,
      temperature: 1,
      topP: 0.95,
      topK: 64,
      reasoning: { visible: true, budgetTokens: 8192 },
    });
    expect(decoded.tools.map((tool) => tool.name)).toEqual(
      body.tools[0].functionDeclarations.map((declaration: Any) => declaration.name),
    );
    expect(decoded.messages.map((message) => message.role)).toEqual(['system', 'user']);
    expect(decoded.extras).toBeUndefined();
  });
});

interface Recording {
  readonly id: string;
  readonly api: string;
  readonly status: number;
  readonly streamed: boolean;
  readonly model: string;
  readonly url: string;
  readonly request: Any;
  readonly payloads: readonly Any[];
  /** The event stream as it was recorded, byte for byte; null where only its events are known. */
  readonly raw: string | null;
}

function readRecordings(): readonly Recording[] {
  const lines = readFileSync(sharedPath('fixtures', 'index.jsonl'), 'utf8').trim().split('\n');
  const recorded = lines
    .map((line) => JSON.parse(line) as Any)
    .filter((entry) => entry.provider === 'gemini' || entry.provider === 'vertex')
    .map((entry) => ({
      entry,
      file: JSON.parse(readFileSync(sharedPath('fixtures', entry.file), 'utf8')) as Any,
    }))
    .map(({ entry, file }): Recording => {
      const payloads = payloadsOf(file.response);
      const url = file.request?.url ?? '';
      return {
        id: entry.id,
        api: entry.api,
        status: entry.status,
        streamed: file.response.body === undefined || Array.isArray(file.response.body),
        model: /models\/([^:]+):/.exec(url)?.[1] ?? entry.model ?? 'gemini-3-flash',
        url,
        request: file.request?.body ?? null,
        payloads,
        raw: file.response.sse ?? null,
      };
    });
  return [...recorded, ...crossProvider()];
}

function crossProvider(): readonly Recording[] {
  const folder = sharedPath('fixtures', 'cross-provider');
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => {
      const read = (file: string): Any => {
        try {
          return JSON.parse(
            readFileSync(sharedPath('fixtures', 'cross-provider', name, 'google', file), 'utf8'),
          );
        } catch {
          return null;
        }
      };
      const request = read('request.json');
      const base = {
        api: 'generate-content',
        status: 200,
        url: '',
        raw: null,
        model: request?.model ?? 'gemini-2.5-flash',
      };
      const whole = read('response.json');
      const streamed = read('response-streaming.json');
      const followup = read('followup-request.json');
      const list: Recording[] = [];
      if (request !== null && whole !== null) {
        list.push({ ...base, id: `${name}`, streamed: false, request, payloads: [whole] });
      }
      if (streamed !== null) {
        list.push({ ...base, id: `${name} streamed`, streamed: true, request: followup, payloads: streamed });
      }
      return list;
    });
}

function payloadsOf(response: Any): readonly Any[] {
  if (Array.isArray(response.body)) return response.body;
  if (response.body !== undefined) return [response.body];
  if (response.chunks !== undefined) {
    return response.chunks.map((chunk: Any) => (typeof chunk === 'string' ? JSON.parse(chunk) : chunk));
  }
  const lines: string[] = (response.sse ?? '').split(/\r?\n/);
  return lines.filter((line) => line.startsWith('data:')).map((line) => JSON.parse(line.slice(5)));
}

function targetFor(model: string): EncodeTarget {
  const three = /gemini-3|latest/.test(model);
  const reasoning = three
    ? { type: 'effort' as const, efforts: ['minimal', 'low', 'medium', 'high'] as const }
    : { type: 'budget' as const, minTokens: 0, maxTokens: 32_768 };
  return { model, capabilities: { ...UNKNOWN_CAPABILITIES, reasoning }, quirks: NO_QUIRKS };
}

// The independent reading: what a person would pick out of the payloads by hand.
function readNaively(payloads: readonly Any[]): Any {
  const parts = payloads.flatMap((payload) => payload.candidates?.[0]?.content?.parts ?? []);
  const words = (thought: boolean): string =>
    parts
      .filter((part: Any) => part.text !== undefined && (part.thought === true) === thought)
      .map((part: Any) => part.text)
      .join('');
  const named = parts.filter((part: Any) => part.functionCall?.name !== undefined);
  const finishes = payloads
    .map((payload) => payload.candidates?.[0]?.finishReason)
    .filter((word) => word !== undefined);
  const blocked = payloads
    .map((payload) => payload.promptFeedback?.blockReason)
    .filter((word) => word !== undefined);
  const usages = payloads
    .map((payload) => payload.usageMetadata)
    .filter((usage) => usage?.promptTokenCount !== undefined);
  const usage = usages.at(-1);
  return {
    text: words(false),
    reasoning: words(true),
    calls: named.map((part: Any) => part.functionCall.name),
    arguments: isPiecewise(payloads)
      ? 'in pieces'
      : named
          .filter((part: Any) => part.functionCall.args !== undefined)
          .map((part: Any) => part.functionCall.args),
    signatures: parts
      .map((part: Any) => part.thoughtSignature)
      .filter((signature: Any, index: number) => signature !== undefined && isWord(parts[index])),
    raw: finishes.length > 0 ? String(finishes.at(-1)) : (blocked.at(-1) ?? ''),
    input: usage === undefined ? null : usage.promptTokenCount + (usage.toolUsePromptTokenCount ?? 0),
    cached: usage === undefined ? null : (usage.cachedContentTokenCount ?? 0),
    output: usage === undefined ? null : naiveOutput(usage),
    thoughts: usage === undefined ? null : (usage.thoughtsTokenCount ?? 0),
  };
}

// Absent means 0 in proto3 JSON; the total is looked at only there, because one recording was shortened by hand without it.
function naiveOutput(usage: Any): number {
  const { candidatesTokenCount, thoughtsTokenCount = 0, toolUsePromptTokenCount = 0 } = usage;
  if (candidatesTokenCount !== undefined) return candidatesTokenCount + thoughtsTokenCount;
  return usage.totalTokenCount - usage.promptTokenCount - toolUsePromptTokenCount;
}

function isWord(part: Any): boolean {
  return part.text !== undefined || part.functionCall !== undefined;
}

function decodeWhole(payload: Any): Any {
  const result = gemini.upstream.decodeResult(payload, targetFor('gemini-3-flash'));
  return summary(result.parts, result.finish.raw, result.usage);
}

function decodeStreamed(payloads: readonly Any[]): Any {
  const text = payloads.map((payload) => `data: ${JSON.stringify(payload)}\r\n\r\n`).join('');
  const { result, finish } = collect(decodePieces(gemini, [brandText<Bytes>(textToBytes(text))]));
  const read = summary(result.parts, finish?.raw, result.usage);
  return isPiecewise(payloads) ? { ...read, arguments: 'in pieces' } : read;
}

// The stream as a Gemini client gets it when it is decoded and encoded on the way.
function encodeStreamed(payloads: readonly Any[]): readonly Any[] {
  const text = payloads.map((payload) => `data: ${JSON.stringify(payload)}\r\n\r\n`).join('');
  const pump = gemini.downstream.encodeStream(contextOf());
  const parts = decodePieces(gemini, [brandText<Bytes>(textToBytes(text))]);
  return [...parts.flatMap((part) => [...pump.push(part)]), ...pump.end()].map((event) =>
    JSON.parse(event.data),
  );
}

function summary(parts: readonly Any[], raw: string | undefined, usage: Usage): Any {
  const calls = parts.filter((part) => part.type === 'tool-call');
  const words = (type: string): string =>
    parts.map((part) => (part.type === type ? (part.text ?? '') : '')).join('');
  return {
    text: words('text'),
    reasoning: words('reasoning'),
    calls: calls.map((call) => call.name),
    arguments: calls.filter((call) => call.arguments !== '').map((call) => JSON.parse(call.arguments)),
    signatures: parts.filter((part) => part.opaque !== undefined).map((part) => part.opaque.value),
    raw: raw ?? '',
    input: inputTotal(usage),
    cached: usage.cacheRead,
    output: outputTotal(usage),
    thoughts: usage.reasoning,
  };
}

// What such arguments amount to is checked in partial-arguments.test.ts; here it is enough that they are JSON.
function isPiecewise(payloads: readonly Any[]): boolean {
  return /"(?:partialArgs|willContinue)"/.test(JSON.stringify(payloads));
}

function expectHeard(heard: Any, naive: Any): void {
  expect(heard.error).toBeNull();
  expect(heard.finish?.raw ?? '').toBe(naive.raw);
  expect(heard.complete).toBe(naive.raw !== '');
  expect(heard.usage === null ? null : inputTotal(heard.usage)).toBe(naive.input);
  expect(heard.usage === null ? null : outputTotal(heard.usage)).toBe(naive.output);
  const said = naive.text + naive.reasoning !== '' || naive.calls.length > 0;
  expect(heard.content || !said).toBe(true);
}

// Both spellings of names, both schema languages and the split of turns and declarations mean the same.
function canonical(body: Any, model: string): Any {
  const camel = (object: Any): Any =>
    Object.fromEntries(Object.entries(object).map(([key, value]) => [camelName(key), value]));
  const part = (json: Any): Any => {
    const result = camel(json);
    for (const key of ['inlineData', 'fileData', 'functionCall', 'functionResponse']) {
      if (result[key] !== undefined) result[key] = camel(result[key]);
    }
    for (const key of ['functionCall', 'functionResponse']) {
      // Gemini 2 gets no ids, and Gemini 3 gets them also on results that came without.
      const kept = key === 'functionCall' && /gemini-3|latest/.test(model);
      if (result[key] !== undefined && !kept) delete result[key].id;
    }
    if (result.functionResponse?.parts !== undefined)
      result.functionResponse.parts = result.functionResponse.parts.map(part);
    return result;
  };
  const { model: _model, contents, systemInstruction, tools, generationConfig, ...rest } = camel(body);
  const turns: Any[] = [];
  for (const content of contents) {
    const role = content.role ?? 'user';
    const parts = (content.parts ?? []).map(part);
    if (turns.at(-1)?.role === role) turns.at(-1).parts.push(...parts);
    else turns.push({ role, parts });
  }
  const config = camel(generationConfig ?? {});
  if (config.thinkingConfig !== undefined) config.thinkingConfig = camel(config.thinkingConfig);
  return {
    ...rest,
    contents: turns,
    systemInstruction: systemInstruction?.parts,
    tools: canonicalTools(tools ?? [], camel),
    generationConfig: Object.keys(config).length === 0 ? undefined : config,
  };
}

function canonicalTools(tools: readonly Any[], camel: (object: Any) => Any): Any {
  const functions: Any[] = [];
  const others: Any[] = [];
  for (const tool of tools.map(camel)) {
    for (const declaration of (tool.functionDeclarations ?? []).map(camel)) {
      const { parameters, parametersJsonSchema, ...rest } = declaration;
      const subset = parameters === undefined ? { type: 'object', properties: {} } : toJsonSchema(parameters);
      if (rest.description === null) delete rest.description;
      functions.push({ ...rest, parametersJsonSchema: parametersJsonSchema ?? subset });
    }
    for (const [key, value] of Object.entries(tool))
      if (key !== 'functionDeclarations') others.push({ [key]: value });
  }
  return { functions, others };
}

function camelName(key: string): string {
  return key.replace(
    /([a-z])_([a-z])/g,
    (_, before: string, letter: string) => before + letter.toUpperCase(),
  );
}

// Values that are newer than the schema, Vertex's own, or in another of the parser's spellings deep inside a value that
// the codec passes on whole: they stand so in the recordings.
const UNLISTED =
  /modelArmorConfig|labels|createTime|fileSearch .*file_search_store_names|safetySettings|safetyRatings|tool_type|responseSchema|imageOutputOptions/;
const VALIDATORS = new Map<string, ReturnType<Ajv2020['compile']>>();
let schemas: Ajv2020 | null = null;

function validate(definition: string, body: unknown): unknown {
  if (schemas === null) {
    const file = JSON.parse(readFileSync(sharedPath('specs', 'gemini.schema.json'), 'utf8')) as Any;
    // Google's parser refuses unknown fields in every message.
    for (const entry of Object.values<Any>(file.$defs)) {
      if (entry.properties !== undefined) entry.additionalProperties = false;
    }
    schemas = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
    schemas.addSchema(file, 'gemini');
  }
  let validator = VALIDATORS.get(definition);
  validator ??= schemas.compile({ $ref: `gemini#/$defs/${definition}` });
  VALIDATORS.set(definition, validator);
  return (validator(body) === true ? [] : (validator.errors ?? []))
    .map((error) => `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`)
    .filter((error) => !UNLISTED.test(error));
}
