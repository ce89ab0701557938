import { describe, expect, it } from 'vitest';
import { textToBytes } from '../../base/bytes.ts';
import type { Json } from '../../base/json.ts';
import { scanTopLevel, type TopLevel } from '../../base/json-scan.ts';
import type { GenerateResult } from '../../spec/generate.ts';
import { UNKNOWN_CAPABILITIES } from '../../spec/model.ts';
import { NO_QUIRKS } from '../../spec/provider.ts';
import { UNKNOWN_USAGE } from '../../spec/usage.ts';
import { contextOf } from '../testing/describe-protocol.ts';
import { base64ToText, textToBase64 } from './base64.ts';
import { decodeCountRequest, encodeCount } from './count-tokens.ts';
import { gemini } from './protocol.ts';

const { downstream, passthrough } = gemini;
const PATH = { model: 'public', stream: false };
const HI = [{ role: 'user', parts: [{ text: 'Hi' }] }];

describe('a request', () => {
  it.each<[string, Json, string]>([
    ['is no object', [], ''],
    ['has no contents', {}, 'contents'],
    ['has contents that are no list', { contents: {} }, 'contents'],
    ['has a content that is text', { contents: ['Hi'] }, 'contents[0]'],
    ['has parts that are no list', { contents: [{ parts: 'Hi' }] }, 'contents[0].parts'],
    ['has a part that is text', { contents: [{ parts: ['Hi'] }] }, 'contents[0].parts[0]'],
    [
      'has a tool without a name',
      { contents: HI, tools: [{ functionDeclarations: [{}] }] },
      'tools[0].functionDeclarations',
    ],
    ['has settings that are no object', { contents: HI, generationConfig: 1 }, 'generationConfig'],
    [
      'has a temperature in words',
      { contents: HI, generationConfig: { temperature: 'hot' } },
      'generationConfig.temperature',
    ],
    [
      'has one stop string',
      { contents: HI, generationConfig: { stopSequences: 'END' } },
      'generationConfig.stopSequences',
    ],
    [
      'has an image as system prompt',
      { contents: HI, systemInstruction: { parts: [{ inlineData: {} }] } },
      'systemInstruction.parts',
    ],
  ])('that %s is refused with the field', (_, body, field) => {
    expect(() => downstream.decodeRequest(body, PATH)).toThrow(
      expect.objectContaining({ kind: 'invalid_request', detail: { field } }),
    );
  });

  it('takes the model from the path, else from the body', () => {
    expect(downstream.decodeRequest({ contents: HI, model: 'models/other' }, PATH).model).toBe('public');
    expect(downstream.decodeRequest({ contents: HI, model: 'models/other' }, {}).model).toBe('other');
    expect(() => downstream.decodeRequest({ contents: HI }, {})).toThrow(/model is missing/);
  });

  it('means the same in snake case', () => {
    const camel = {
      contents: [{ parts: [{ inlineData: { mimeType: 'image/png', data: 'AA==' } }] }],
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      generationConfig: { maxOutputTokens: 5, thinkingConfig: { includeThoughts: true } },
      tools: [
        { functionDeclarations: [{ name: 'f', parametersJsonSchema: { type: 'object', snake_case: 1 } }] },
      ],
      toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f'] } },
    };
    const snake = {
      contents: [{ parts: [{ inline_data: { mime_type: 'image/png', data: 'AA==' } }] }],
      system_instruction: { parts: [{ text: 'Be brief.' }] },
      generation_config: { max_output_tokens: 5, thinking_config: { include_thoughts: true } },
      tools: [
        { function_declarations: [{ name: 'f', parameters_json_schema: { type: 'object', snake_case: 1 } }] },
      ],
      tool_config: { function_calling_config: { mode: 'ANY', allowed_function_names: ['f'] } },
    };
    const decoded = downstream.decodeRequest(camel, PATH);
    expect(decoded).toEqual(downstream.decodeRequest(snake, PATH));
    expect(decoded).toMatchObject({
      toolChoice: { type: 'tool', name: 'f' },
      maxOutputTokens: 5,
      reasoning: { visible: true },
      tools: [{ inputSchema: { type: 'object', snake_case: 1 } }],
    });
    expect(decoded.extras).toBeUndefined();
  });

  it('pairs results without ids with their calls by name and order', () => {
    const call = (name: string): Json => ({ functionCall: { name, args: {} } });
    const answer = (name: string, output: string): Json => ({
      functionResponse: { name, response: { output } },
    });
    const contents = [
      ...HI,
      { role: 'model', parts: [call('a'), call('b'), call('a')] },
      { role: 'user', parts: [answer('a', '1'), answer('a', '2'), answer('b', '3'), { text: 'Go on.' }] },
    ];
    const { messages } = downstream.decodeRequest({ contents }, PATH);
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'user']);
    expect(messages[1]).toMatchObject({
      parts: [{ id: 'gcall_turn-1_0' }, { id: 'gcall_turn-1_1' }, { id: 'gcall_turn-1_2' }],
    });
    expect(messages[2]).toMatchObject({
      parts: [{ callId: 'gcall_turn-1_0' }, { callId: 'gcall_turn-1_2' }, { callId: 'gcall_turn-1_1' }],
    });
  });

  it('keeps what other wires have no word for, and says it again to Google', () => {
    const body = {
      contents: [...HI, { role: 'model', parts: [{ executableCode: { code: '1', language: 'PYTHON' } }] }],
      safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'OFF' }],
      cachedContent: 'cachedContents/1',
      generationConfig: { mediaResolution: 'MEDIA_RESOLUTION_LOW', temperature: 1 },
      toolConfig: { functionCallingConfig: { mode: 'VALIDATED' }, retrievalConfig: { languageCode: 'de' } },
      tools: [
        { googleSearch: {} },
        { functionDeclarations: [{ name: 'f', behavior: 'BLOCKING', parametersJsonSchema: {} }] },
      ],
    };
    const decoded = downstream.decodeRequest(body, PATH);
    const target = { model: 'gemini-2.5-flash', capabilities: UNKNOWN_CAPABILITIES, quirks: NO_QUIRKS };
    expect(gemini.upstream.encodeRequest(decoded, target)).toEqual({ body, warnings: [] });
  });

  it('in the older schema language is turned into JSON Schema', () => {
    const parameters = {
      type: 'OBJECT',
      properties: {
        type: { type: 'STRING', nullable: true },
        list: { type: 'ARRAY', items: { type: 'INTEGER', format: 'int64' }, minItems: '1' },
      },
      required: ['type'],
      propertyOrdering: ['type', 'list'],
    };
    const body = { contents: HI, tools: [{ functionDeclarations: [{ name: 'f', parameters }] }] };
    expect(downstream.decodeRequest(body, PATH).tools).toMatchObject([
      {
        inputSchema: {
          type: 'object',
          properties: {
            type: { type: ['string', 'null'] },
            list: { type: 'array', items: { type: 'integer', format: 'int64' }, minItems: 1 },
          },
          required: ['type'],
        },
      },
    ]);
  });

  it('to count tokens may be whole or contents alone', () => {
    expect(decodeCountRequest({ contents: HI }, PATH)).toEqual(
      decodeCountRequest({ generateContentRequest: { contents: HI } }, PATH),
    );
    expect(encodeCount(7)).toMatchObject({ totalTokens: 7 });
  });
});

describe('state of another provider', () => {
  const opaque = { origin: 'elsewhere', value: 'EqQB/+é==' };
  const result: GenerateResult = {
    id: 'a',
    model: null,
    parts: [
      { type: 'reasoning', text: 'Hm.', opaque },
      { type: 'text', text: 'Yes.' },
    ],
    finish: { reason: 'stop' },
    usage: UNKNOWN_USAGE,
  };

  it('travels through a Gemini client as base64 and comes back byte for byte', () => {
    const encoded = downstream.encodeResult(result, contextOf());
    const content = JSON.parse(JSON.stringify(encoded)).candidates[0].content;
    expect(content.parts[0].thoughtSignature).toMatch(/^Z3cxL[A-Za-z0-9+/]+=*$/);
    const { messages } = downstream.decodeRequest({ contents: [...HI, content] }, PATH);
    expect(messages[1]).toEqual({ role: 'assistant', parts: result.parts });
  });

  it('never passes through to Google', () => {
    const signature = textToBase64('gw1.elsewhere.x');
    const body = {
      contents: [...HI, { role: 'model', parts: [{ text: '', thought: true, thoughtSignature: signature }] }],
    };
    expect(editsOf(body)).toBeNull();
  });
});

describe('base64', () => {
  it.each(['', 'a', 'ab', 'abc', 'naïve 日本語 👩‍👩‍👧', '\u0000ÿ'])('brings "%s" back', (text) => {
    expect(textToBase64(text)).toBe(Buffer.from(text).toString('base64'));
    expect(base64ToText(textToBase64(text))).toBe(text);
    expect(base64ToText(Buffer.from(text).toString('base64url'))).toBe(text);
  });

  it.each(['a b', '!', '/w=='])('refuses "%s"', (text) => {
    expect(base64ToText(text)).toBeNull();
  });
});

describe('a stream to a client', () => {
  it('holds a call until it is whole and ends with the finish and the usage', () => {
    const pump = downstream.encodeStream(contextOf());
    const usage = { ...UNKNOWN_USAGE, input: 3, output: 4 };
    const events = [
      ...pump.push({ type: 'start', id: 'r', model: null }),
      ...pump.push({ type: 'block-start', index: 0, block: { type: 'tool-call', id: 'call_1', name: 'f' } }),
      ...pump.push({
        type: 'block-start',
        index: 1,
        block: { type: 'tool-call', id: 'gcall_x_1', name: 'g' },
      }),
      ...pump.push({ type: 'tool-input-delta', index: 0, text: '{"a"' }),
      ...pump.push({ type: 'tool-input-delta', index: 1, text: '{}' }),
      ...pump.push({ type: 'tool-input-delta', index: 0, text: ':1}' }),
      ...pump.push({ type: 'block-end', index: 1 }),
      ...pump.push({ type: 'block-end', index: 0 }),
      ...pump.push({ type: 'usage', usage }),
      ...pump.push({ type: 'finish', finish: { reason: 'tool-calls' } }),
      ...pump.end(),
    ].map((event) => JSON.parse(event.data));
    expect(events.map((event) => event.candidates[0].content.parts)).toEqual([
      [{ functionCall: { name: 'g', args: {} } }],
      [{ functionCall: { id: 'call_1', name: 'f', args: { a: 1 } } }],
      [{ text: '' }],
    ]);
    expect(events.map((event) => event.candidates[0].finishReason)).toEqual([undefined, undefined, 'STOP']);
    expect(events.at(-1)).toMatchObject({
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 4, totalTokenCount: 7 },
      responseId: 'r',
      modelVersion: 'public-model',
    });
  });

  it('has the line ends of Google', () => {
    expect(downstream.frame([{ name: '', data: '{}' }])).toBe('data: {}\r\n\r\n');
  });
});

describe('passing through', () => {
  it('replaces the model in the body where one stands there', () => {
    expect(editsOf({ contents: HI })).toEqual({});
    expect(editsOf({ contents: HI, model: 'models/public' })).toEqual({ model: '"models/gemini-3-flash"' });
  });

  it('gives way to translation where this model would refuse the body', () => {
    const call = { role: 'model', parts: [{ functionCall: { name: 'f' } }] };
    expect(editsOf({ contents: [...HI, call] })).toBeNull();
    expect(editsOf({ contents: [...HI, call] }, 'gemini-2.5-flash')).toEqual({});
    const body = { contents: HI, generationConfig: { thinkingConfig: { thinkingLevel: 'LOW' } } };
    expect(editsOf(body, 'gemini-2.5-flash')).toBeNull();
    expect(editsOf(body)).toEqual({});
  });

  it('hears a whole answer, a stream in an array, an error and a stream that broke off', () => {
    const text = { candidates: [{ content: { parts: [{ text: 'Hello' }] } }] };
    const last = {
      candidates: [{ finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 1, totalTokenCount: 3 },
    };
    const heard = (body: Json): unknown => {
      const listener = passthrough.listener(targetOf('gemini-3-flash'));
      listener.readBody(textToBytes(JSON.stringify(body)));
      return listener.heard;
    };
    expect(heard([text, last])).toMatchObject({
      complete: true,
      content: true,
      outputChars: 5,
      usage: { input: 1, output: 2 },
    });
    expect(heard(text)).toMatchObject({ complete: false, content: true, finish: null, usage: null });
    expect(heard({ error: { code: 503, status: 'UNAVAILABLE', message: 'x' } })).toMatchObject({
      complete: false,
      content: false,
      error: { kind: 'upstream_overloaded' },
    });
  });
});

function editsOf(body: Json, model = 'gemini-3-flash'): unknown {
  return passthrough.edits(topOf(body), false, targetOf(model));
}

function topOf(body: Json): TopLevel {
  const scanned = scanTopLevel(textToBytes(JSON.stringify(body)));
  if (scanned.type === 'bad') throw new Error(scanned.reason);
  return scanned.top;
}

function targetOf(model: string): Parameters<typeof passthrough.listener>[0] {
  return { model, capabilities: UNKNOWN_CAPABILITIES, quirks: NO_QUIRKS };
}
