import { describe, expect, it } from 'vitest';
import type { Json } from '../../base/json.ts';
import { GatewayError } from '../../spec/error.ts';
import { PLAIN_TARGET } from '../testing/describe-protocol.ts';
import { anthropicMessages } from './protocol.ts';

const { downstream, upstream } = anthropicMessages;
const MESSAGES = [{ role: 'user', content: 'hi' }];
const BODY = { model: 'm', max_tokens: 100, messages: MESSAGES };

describe('a malformed request', () => {
  it.each<[string, Json]>([
    ['body', 'text'],
    ['model', { max_tokens: 1, messages: MESSAGES }],
    ['max_tokens', { model: 'm', messages: MESSAGES }],
    ['max_tokens', { ...BODY, max_tokens: 1.5 }],
    ['messages', { model: 'm', max_tokens: 1 }],
    ['messages', { ...BODY, messages: [] }],
    ['messages[0].role', { ...BODY, messages: [{ role: 'tool', content: 'x' }] }],
    ['messages[0].content', { ...BODY, messages: [{ role: 'user' }] }],
    [
      'messages[0].content[1].text',
      { ...BODY, messages: [{ role: 'user', content: [{ type: 'x' }, { type: 'text' }] }] },
    ],
    [
      'messages[0].content[0].source',
      { ...BODY, messages: [{ role: 'user', content: [{ type: 'image' }] }] },
    ],
    [
      'messages[0].content[0].tool_use_id',
      { ...BODY, messages: [{ role: 'user', content: [{ type: 'tool_result' }] }] },
    ],
    ['tools[0].input_schema', { ...BODY, tools: [{ name: 'f' }] }],
    ['tool_choice.type', { ...BODY, tool_choice: { type: 'maybe' } }],
    ['thinking.type', { ...BODY, thinking: { type: 'deep' } }],
    ['thinking.budget_tokens', { ...BODY, thinking: { type: 'enabled' } }],
    ['output_config.effort', { ...BODY, output_config: { effort: 'huge' } }],
    ['stop_sequences[0]', { ...BODY, stop_sequences: [1] }],
    ['temperature', { ...BODY, temperature: 'hot' }],
  ])('is refused and %s is named', (field, body) => {
    expect(refusal(body)).toMatchObject({ kind: 'invalid_request', detail: { field } });
  });
});

describe('a request of either API version', () => {
  it.each<[string, Json | undefined, Json | undefined]>([
    ['thinking between tools', { type: 'between_tools' }, undefined],
    ['no thinking with an effort', { type: 'disabled' }, { effort: 'high' }],
    ['adaptive thinking that is not shown', { type: 'adaptive', display: 'omitted' }, { effort: 'low' }],
    ['an effort without thinking', undefined, { effort: 'low', task_budget: { type: 'tokens', total: 5 } }],
  ])('keeps %s', (_, thinking, config) => {
    const body = JSON.parse(JSON.stringify({ ...BODY, thinking, output_config: config })) as Json;
    const request = downstream.decodeRequest(body, {});
    const efforts = ['low', 'medium', 'high'] as const;
    const capabilities = { ...PLAIN_TARGET.capabilities, reasoning: { type: 'adaptive' as const, efforts } };
    const encoded = upstream.encodeRequest(request, { ...PLAIN_TARGET, model: 'm', capabilities });
    expect(encoded.warnings).toEqual([]);
    expect(encoded.body).toEqual(body);
  });

  it('reads media by their source', () => {
    const content = [
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo' } },
      {
        type: 'image',
        source: { type: 'url', url: 'https://example.org/a.png' },
        cache_control: { type: 'ephemeral', ttl: '1h' },
      },
      {
        type: 'document',
        source: { type: 'file', file_id: 'file_1' },
        title: 'a.pdf',
        citations: { enabled: true },
      },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'words' } },
      { type: 'document', source: { type: 'content', content: 'words' } },
    ];
    const body = { ...BODY, messages: [{ role: 'user', content }] };
    const request = downstream.decodeRequest(body, {});
    expect(request.messages[0]!.parts.map((part) => part.type)).toEqual([
      'media',
      'media',
      'media',
      'media',
      'native',
    ]);
    expect(request.messages[0]!.parts[2]).toMatchObject({
      source: { type: 'file', fileId: 'file_1', origin: 'anthropic-messages' },
      fileName: 'a.pdf',
    });
    const encoded = upstream.encodeRequest(request, { ...PLAIN_TARGET, model: 'm' });
    expect(encoded).toEqual({ body, warnings: [] });
  });

  it('refuses to send on what this wire cannot carry', () => {
    const audio = {
      type: 'media',
      mediaType: 'audio/wav',
      source: { type: 'base64', data: 'UklGRg' },
    } as const;
    const request = {
      ...downstream.decodeRequest(BODY, {}),
      messages: [{ role: 'user', parts: [audio] }] as const,
    };
    expect(() => upstream.encodeRequest(request, PLAIN_TARGET)).toThrow(
      /does not take media of the type audio\/wav/,
    );
  });

  it('keeps tool results apart from words, and both in their turn', () => {
    const content = [
      {
        type: 'tool_result',
        tool_use_id: 't1',
        content: [
          { type: 'text', text: 'a' },
          { type: 'tool_reference', tool_name: 'x' },
        ],
        is_error: true,
      },
      { type: 'text', text: 'go on' },
    ];
    const assistant = { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'f', input: {} }] };
    const body = { ...BODY, messages: [...MESSAGES, assistant, { role: 'user', content }] };
    const request = downstream.decodeRequest(body, {});
    expect(request.messages.map((message) => message.role)).toEqual(['user', 'assistant', 'tool', 'user']);
    expect(upstream.encodeRequest(request, { ...PLAIN_TARGET, model: 'm' })).toEqual({ body, warnings: [] });
  });
});

function refusal(body: Json): unknown {
  try {
    return downstream.decodeRequest(body, {});
  } catch (error) {
    return error instanceof GatewayError ? error : String(error);
  }
}
