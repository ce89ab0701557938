import type { GenerateRequest, GenerateResult, Message } from '../../spec/generate.ts';
import { describeProtocol } from '../testing/describe-protocol.ts';
import { mintedCallId } from './names.ts';
import { gemini } from './protocol.ts';

const CRLF_STREAM = [
  '{"candidates":[{"content":{"parts":[{"text":"Thinking 日本","thought":true}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":12,"totalTokenCount":12},"modelVersion":"gemini-3-flash","responseId":"r-1"}',
  '{"candidates":[{"content":{"parts":[{"text":"Let me look. "}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":12,"candidatesTokenCount":3,"totalTokenCount":15},"modelVersion":"gemini-3-flash","responseId":"r-1"}',
  '{"candidates":[{"content":{"parts":[{"functionCall":{"name":"weather","args":{"city":"Köln 👩‍👩‍👧"},"id":"whZntcQw"},"thoughtSignature":"c2lnbmVk"},{"functionCall":{"name":"weather","args":{}}}],"role":"model"},"index":0}],"modelVersion":"gemini-3-flash","responseId":"r-1"}',
  '{"candidates":[{"content":{"parts":[{"text":"","thoughtSignature":"bGFzdA=="}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":12,"candidatesTokenCount":9,"thoughtsTokenCount":5,"totalTokenCount":26},"modelVersion":"gemini-3-flash","responseId":"r-1"}',
]
  .map((data) => `data: ${data}\r\n\r\n`)
  .join('');

describeProtocol(gemini, {
  fixtures: [{ name: 'thoughts, text, parallel calls and a signed end', stream: CRLF_STREAM }],
  canonicalRequest,
  canonicalResult,
});

// Towards Gemini 2 calls carry no ids; the places of the calls name them on the way back, and results carry the tool's name.
function canonicalRequest(request: GenerateRequest): GenerateRequest {
  const renamed = new Map<string, { readonly id: string; readonly name: string }>();
  const turns = request.messages.filter((message) => message.role !== 'system');
  turns.forEach((message, turn) => {
    if (message.role !== 'assistant') return;
    message.parts.forEach((part, index) => {
      if (part.type === 'tool-call') {
        renamed.set(part.id, { id: mintedCallId(`turn-${turn}`, index), name: part.name });
      }
    });
  });
  return { ...request, messages: request.messages.map((message) => withIds(message, renamed)) };
}

function withIds(
  message: Message,
  renamed: ReadonlyMap<string, { readonly id: string; readonly name: string }>,
): Message {
  if (message.role === 'assistant') {
    const parts = message.parts.map((part) =>
      part.type === 'tool-call' ? { ...part, id: renamed.get(part.id)!.id } : part,
    );
    return { ...message, parts };
  }
  if (message.role !== 'tool') return message;
  const parts = message.parts.map((part) => {
    const call = renamed.get(part.callId)!;
    return { ...part, callId: call.id, name: call.name };
  });
  return { ...message, parts };
}

// Google counts no writes to a cache; they are input like any other.
function canonicalResult(result: GenerateResult): GenerateResult {
  const { usage } = result;
  const input = (usage.input ?? 0) + (usage.cacheWrite5m ?? 0);
  return { ...result, usage: { ...usage, input, cacheWrite5m: null } };
}
