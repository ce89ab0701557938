import { describe, expect, it } from 'vitest';
import { textToBytes } from '../../base/bytes.ts';
import { scanTopLevel, spliceFields } from '../../base/json-scan.ts';
import type { Json } from '../../base/json.ts';
import type { Capabilities } from '../../spec/model.ts';
import { NO_QUIRKS } from '../../spec/provider.ts';
import { PLAIN_TARGET } from '../testing/describe-protocol.ts';
import { anthropicMessages } from './protocol.ts';

const { passthrough } = anthropicMessages;

describe('passing a body through', () => {
  it('changes the model and not one byte more', () => {
    const raw =
      '{"model" : "claude-public",\n "max_tokens":10, "messages":[{"role":"user","content":"h\\u00e9"}], "new_field":[1, 2]}';
    const top = topOf(raw);
    const edited = spliceFields(top, passthrough.edits(top, false, PLAIN_TARGET)!);
    expect(edited).toBe(raw.replace('claude-public', 'upstream-model'));
  });

  it.each<[string, Json, Partial<Capabilities>]>([
    [
      'a later system message',
      { messages: [{ role: 'system', content: 'x' }] },
      { midConversationSystem: false },
    ],
    ['sampling', { temperature: 0.2 }, { sampling: 'none' }],
    [
      'adaptive thinking',
      { thinking: { type: 'adaptive' } },
      { reasoning: { type: 'budget', minTokens: 1024, maxTokens: null } },
    ],
    [
      'a thinking budget',
      { thinking: { type: 'enabled', budget_tokens: 2000 } },
      { reasoning: { type: 'adaptive', efforts: ['low'] } },
    ],
    ['an output format', { output_config: { format: { type: 'json_schema' } } }, { structuredOutput: false }],
    ['state that another wire signed', { messages: [{ signature: 'gw1.gemini.abc' }] }, {}],
    ['a call id of another wire', { messages: [{ id: 'gwid_call_003a1' }] }, {}],
  ])('has %s decoded where the target refuses it', (_, body, capabilities) => {
    const target = { ...PLAIN_TARGET, capabilities: { ...PLAIN_TARGET.capabilities, ...capabilities } };
    expect(passthrough.edits(topOf(JSON.stringify(body)), false, target)).toBeNull();
  });

  it('has a field decoded that the provider refuses', () => {
    const target = { ...PLAIN_TARGET, quirks: { ...NO_QUIRKS, refusedFields: ['context_management'] } };
    expect(passthrough.edits(topOf('{"context_management":{}}'), false, target)).toBeNull();
  });

  it('lowers a limit beyond the model', () => {
    const target = { ...PLAIN_TARGET, capabilities: { ...PLAIN_TARGET.capabilities, outputTokensMax: 8192 } };
    expect(passthrough.edits(topOf('{"model":"upstream-model","max_tokens":64000}'), true, target)).toEqual({
      max_tokens: '8192',
    });
  });
});

describe('listening to what passes', () => {
  it('is complete with the reason to stop, behind which nothing is said', () => {
    const listener = passthrough.listener(PLAIN_TARGET);
    listener.readEvent(
      'message_delta',
      textToBytes('{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":3}}'),
    );
    expect(listener.heard).toMatchObject({
      complete: true,
      content: false,
      finish: { reason: 'stop' },
      usage: { output: 3 },
    });
    expect(listener.hides?.('message_stop', textToBytes('{"type":"message_stop"}'))).toBe(false);
  });

  it('takes neither pings nor empty blocks for content', () => {
    const listener = passthrough.listener(PLAIN_TARGET);
    listener.readEvent('ping', textToBytes('{"type":"ping"}'));
    listener.readEvent(
      'content_block_start',
      textToBytes('{"type":"content_block_start","content_block":{"type":"text","text":""}}'),
    );
    expect(listener.heard.content).toBe(false);
    listener.readEvent(
      'content_block_delta',
      textToBytes('{"type":"content_block_delta","delta":{"type":"text_delta","text":"hé"}}'),
    );
    expect(listener.heard).toMatchObject({ content: true, outputChars: 2 });
  });

  it('hears an error inside of a 200', () => {
    const listener = passthrough.listener(PLAIN_TARGET);
    listener.readEvent(
      'error',
      textToBytes('{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'),
    );
    expect(listener.heard.error?.kind).toBe('upstream_overloaded');
  });

  it('finds every event worth reading that it must not miss', () => {
    const listener = passthrough.listener(PLAIN_TARGET);
    for (const type of ['message_start', 'message_delta', 'message_stop', 'error']) {
      expect(listener.worthReading(`data: {"type":"${type}"}`)).toBe(true);
    }
    expect(listener.worthReading('event: content_block_delta\ndata: {"type":"content_block_delta"}')).toBe(
      false,
    );
  });
});

function topOf(raw: string) {
  const scanned = scanTopLevel(textToBytes(raw));
  if (scanned.type === 'bad') throw new Error(scanned.reason);
  return scanned.top;
}
