import { NO_QUIRKS } from '../../spec/provider.ts';
import { describeProtocol, PLAIN_TARGET } from '../testing/describe-protocol.ts';
import { openaiChat } from './protocol.ts';

// Small streams of our own in the shapes that providers were seen to send.
const FIXTURES: readonly { readonly name: string; readonly stream: string }[] = [
  {
    name: 'a text with characters of many bytes, comments and usage',
    stream: [
      ': OPENROUTER PROCESSING\n\n',
      'data: {"id":"gen-1","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n',
      'data: {"id":"gen-1","choices":[{"index":0,"delta":{"content":"Grüße 👩‍👩‍👧 日本"},"finish_reason":null}]}\n\n',
      'data: {"id":"gen-1","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}]}\n\n',
      'data: {"id":"gen-1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":9,"total_tokens":12}}\n\n',
      'data: [DONE]\n\n',
    ].join(''),
  },
  {
    name: 'interleaved tool calls after thinking',
    stream: [
      'data:{"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"assistant","reasoning_content":"Hm."}}]}\n\n',
      'data:{"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":""}}]}}]}\n\n',
      'data:{"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":"{}"}}]}}]}\n\n',
      'data:{"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\"ä\\":1}"}}]}}]}\n\n',
      'data:{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}',
    ].join(''),
  },
  {
    name: 'an error in the middle',
    stream: [
      'data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"maybe"},"finish_reason":null}]}\n\n',
      'event: error\n',
      'data: {"error":{"message":"Tool choice is required","type":"invalid_request_error","code":"tool_use_failed"}}\n\n',
    ].join(''),
  },
  {
    name: 'a stream that just stops',
    stream:
      'data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\ndata: {"id":"c","choices":[{"ind',
  },
];

describeProtocol(openaiChat, {
  fixtures: FIXTURES,
  // OpenRouter's form, the only one of this wire that takes signed reasoning back.
  target: {
    ...PLAIN_TARGET,
    quirks: { ...NO_QUIRKS, reasoningField: 'reasoning_content', signedState: 'reasoning_details' },
  },
  sign: (text, signature) => JSON.stringify([{ type: 'reasoning.text', text, signature, index: 0 }]),
});
