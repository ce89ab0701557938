import { describe, expect, it } from 'vitest';
import { textToBytes } from '../../base/bytes.ts';
import { scanTopLevel, spliceFields, type TopLevel } from '../../base/json-scan.ts';
import type { Capabilities } from '../../spec/model.ts';
import { NO_QUIRKS, type Quirks } from '../../spec/provider.ts';
import type { EncodeTarget } from '../protocol.ts';
import { PLAIN_TARGET } from '../testing/describe-protocol.ts';
import { passthrough } from './passthrough.ts';

function scanned(body: object | string): TopLevel {
  const result = scanTopLevel(textToBytes(typeof body === 'string' ? body : JSON.stringify(body)));
  if (result.type === 'bad') throw new Error(result.reason);
  return result.top;
}

function target(quirks: Partial<Quirks> = {}, capabilities: Partial<Capabilities> = {}): EncodeTarget {
  return {
    model: 'up',
    quirks: { ...NO_QUIRKS, ...quirks },
    capabilities: { ...PLAIN_TARGET.capabilities, ...capabilities },
  };
}

const USER = { role: 'user', content: 'Say "developer" and \\"tool_call_id\\".' };
const PLAIN = { model: 'm', messages: [USER] };

describe('edits', () => {
  it('leaves every byte but the model, whatever stands in the texts', () => {
    const raw = `{ "messages":[${JSON.stringify(USER)}], "model" : "m",\n "x":1.0 }`;
    const top = scanned(raw);
    const edits = passthrough.edits(top, false, target({ toolCallIds: 'nine-alphanumeric' }));
    expect(edits).toEqual({ model: '"up"' });
    expect(spliceFields(top, edits!)).toBe(raw.replace('"m"', '"up"'));
  });

  it.each<readonly [name: string, body: object, to: EncodeTarget, edits: object]>([
    ['asks for usage', PLAIN, target(), { stream_options: '{"include_usage":true}' }],
    [
      'keeps other stream options',
      { ...PLAIN, stream_options: { include_obfuscation: false, include_usage: false } },
      target(),
      { stream_options: '{"include_obfuscation":false,"include_usage":true}' },
    ],
    ['leaves a question for usage', { ...PLAIN, stream_options: { include_usage: true } }, target(), {}],
    ['does not ask who tells unasked', PLAIN, target({ streamUsage: 'unasked' }), {}],
    [
      'takes the question away from who may refuse it',
      { ...PLAIN, stream_options: { include_usage: true } },
      target({ streamUsage: 'unasked' }),
      { stream_options: null },
    ],
    [
      'renames the limit',
      { ...PLAIN, max_tokens: 7 },
      target({ maxTokensField: 'max_completion_tokens', streamUsage: 'unasked' }),
      { max_tokens: null, max_completion_tokens: '7' },
    ],
    [
      'drops the limit that stands twice',
      { ...PLAIN, max_tokens: 7, max_completion_tokens: 8 },
      target({ streamUsage: 'unasked' }),
      { max_completion_tokens: null },
    ],
    [
      'removes refused fields',
      { ...PLAIN, store: true },
      target({ refusedFields: ['store', 'stream_options', 'user'] }),
      { store: null, stream_options: null },
    ],
  ])('%s', (_, body, to, edits) => {
    expect(passthrough.edits(scanned(body), true, to)).toEqual({ model: '"up"', ...edits });
  });

  const withHistory = (message: object): object => ({ model: 'm', messages: [USER, message] });
  it.each<readonly [name: string, body: object, to: EncodeTarget]>([
    ['a developer role that is unknown there', withHistory({ role: 'developer', content: 'x' }), target()],
    [
      'call ids of another form',
      withHistory({ role: 'tool', tool_call_id: 'call_1', content: 'x' }),
      target({ toolCallIds: 'nine-alphanumeric' }),
    ],
    [
      'cache marks that are not understood',
      withHistory({ role: 'user', content: [{ type: 'text', text: 'x', cache_control: {} }] }),
      target(),
    ],
    [
      'reasoning that is not taken back',
      withHistory({ role: 'assistant', content: 'x', reasoning_content: 'y' }),
      target(),
    ],
    [
      'reasoning under another name',
      withHistory({ role: 'assistant', content: 'x', reasoning: 'y' }),
      target({ reasoningField: 'reasoning_content' }),
    ],
    [
      'an effort for a model that does not think',
      { ...PLAIN, reasoning_effort: 'low' },
      target({}, { reasoning: { type: 'none' } }),
    ],
    [
      'an effort that the model lacks',
      { ...PLAIN, reasoning_effort: 'max' },
      target({}, { reasoning: { type: 'effort', efforts: ['low'] } }),
    ],
    [
      'signed state of another provider',
      withHistory({ role: 'assistant', content: 'x', reasoning_details: [{ format: 'gw1' }] }),
      target({ signedState: 'reasoning_details' }),
    ],
    [
      'state of tool calls',
      withHistory({ role: 'assistant', tool_calls: [{ extra_content: {} }] }),
      target(),
    ],
    [
      'a schema that cannot be held',
      { ...PLAIN, response_format: { type: 'json_schema', json_schema: {} } },
      target({ jsonSchema: 'json-mode' }),
    ],
    ['sampling that the model refuses', { ...PLAIN, temperature: 1 }, target({}, { sampling: 'none' })],
    [
      'two sampling fields where one is allowed',
      { ...PLAIN, temperature: 1, top_p: 1 },
      target({}, { sampling: 'one-of' }),
    ],
    [
      'a limit above that of the model',
      { ...PLAIN, max_tokens: 9000 },
      target({}, { outputTokensMax: 4096 }),
    ],
  ])('has %s translated', (_, body, to) => {
    expect(passthrough.edits(scanned(body), false, to)).toBeNull();
    const generous = target({
      systemRole: 'developer',
      cacheControl: true,
      reasoningField: 'reasoning_content',
      signedState: JSON.stringify(body).includes('extra_content') ? 'extra_content' : 'reasoning_details',
    });
    const never = /gw1|"reasoning":"/.test(JSON.stringify(body));
    expect(passthrough.edits(scanned(body), false, generous) === null).toBe(never);
  });
});

describe('the listener', () => {
  const usage = textToBytes('{"id":"c","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}');
  const filtered = textToBytes('{"id":"","choices":[],"prompt_filter_results":[],"usage":null}');

  it('hides the usage chunk from clients that did not ask for it, and nothing else', () => {
    const unasked = passthrough.listener(target(), scanned(PLAIN));
    expect(unasked.hides?.('', usage)).toBe(true);
    expect(unasked.hides?.('', filtered)).toBe(false);
    expect(unasked.hides?.('', textToBytes('{"choices":[{"delta":{"content":"\\"usage\\""}}]}'))).toBe(false);
    const asked = passthrough.listener(
      target(),
      scanned({ ...PLAIN, stream_options: { include_usage: true } }),
    );
    expect(asked.hides?.('', usage)).toBe(false);
  });

  it('counts skipped text without parsing it', () => {
    const listener = passthrough.listener(target());
    listener.readEvent(
      '',
      textToBytes('{"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}'),
    );
    listener.readEvent(
      '',
      textToBytes('{"choices":[{"index":0,"delta":{"content": "you \\"all\\""},"finish_reason":null}]}'),
    );
    listener.readEvent(
      '',
      textToBytes('{"choices":[{"index":0,"delta":{"tool_calls":[{"function":{"arguments":"{}"}}]}}]}'),
    );
    expect(listener.heard).toMatchObject({ content: true, complete: false, outputChars: 5 + 11 + 2 });
  });

  it('takes only content for content', () => {
    const listener = passthrough.listener(target());
    listener.readEvent('', filtered);
    listener.readEvent(
      '',
      textToBytes('{"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}'),
    );
    expect(listener.heard.content).toBe(false);
  });

  it('hears an error at the start, and none after the finish', () => {
    const failed = textToBytes('{"error":{"message":"Overloaded","type":"overloaded_error"}}');
    const first = passthrough.listener(target());
    first.readEvent('error', failed);
    expect(first.heard.error).toMatchObject({ kind: 'upstream_overloaded' });
    const late = passthrough.listener(target());
    late.readEvent('', textToBytes('{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}'));
    late.readEvent('', failed);
    expect(late.heard).toMatchObject({ error: null, complete: true });
  });

  it.each([
    ['', 'upstream_garbled'],
    ['<html></html>', 'upstream_garbled'],
    ['{"id":"x","choices":[]}', 'upstream_garbled'],
    ['{"error":{"code":502,"message":"Provider returned error"}}', 'upstream_unavailable'],
  ])('hears that the answer %j is none', (body, kind) => {
    const listener = passthrough.listener(target());
    listener.readBody(textToBytes(body));
    expect(listener.heard).toMatchObject({ error: { kind }, complete: false });
  });
});
