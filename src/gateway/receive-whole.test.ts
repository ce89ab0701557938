import { describe, expect, it } from 'vitest';
import { textToBytes } from '../base/bytes.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { opening, WholeReceiver } from './receive-whole.ts';
import { RecordingHost, testRun } from './testing/run.ts';

const CHAT = 'chat/gpt-4.1';
const MESSAGES = 'messages/claude-sonnet-4-5';
const TURNS = [{ role: 'user', content: 'Hi' }];

async function received(model: string, stream: boolean, pieces: readonly string[]): Promise<RecordingHost> {
  const host = new RecordingHost(await testRun({ body: { model, stream, messages: TURNS } }));
  const receiver = new WholeReceiver(host);
  for (const piece of pieces) receiver.data(textToBytes(piece));
  receiver.end(null);
  return host;
}

const CHAT_ANSWER: Json = {
  id: 'x',
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Grüße' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
};
const MESSAGES_ANSWER: JsonObject = {
  id: 'x',
  type: 'message',
  role: 'assistant',
  content: [{ type: 'text', text: 'Grüße' }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 3, output_tokens: 2 },
};

describe('a whole answer', () => {
  it('of the same wire goes to the client byte for byte', async () => {
    const text = JSON.stringify(CHAT_ANSWER, null, 1);
    const { answer, failure } = await received(CHAT, false, [text.slice(0, 9), text.slice(9)]);
    expect(failure).toBeNull();
    expect(answer).toMatchObject({
      body: textToBytes(text),
      usage: { input: 3, output: 2 },
      finish: { reason: 'stop' },
    });
  });

  it('of another wire is translated', async () => {
    const { answer } = await received(MESSAGES, false, [JSON.stringify(MESSAGES_ANSWER)]);
    expect(answer).toMatchObject({ usage: { input: 3, output: 2 }, finish: { reason: 'stop' } });
    expect(answer?.body).toContain(textToBytes('Grüße'));
  });

  it('that nobody counted is measured by its words and the arguments of its calls', async () => {
    const call = { type: 'tool_use', id: 't', name: 'look', input: { city: 'Rome' } };
    const content = [{ type: 'text', text: 'Well' }, call];
    const uncounted = { ...MESSAGES_ANSWER, content, usage: {} };
    const { answer } = await received(MESSAGES, false, [JSON.stringify(uncounted)]);
    expect(answer?.outputChars).toBe('Well'.length + JSON.stringify(call.input).length);
  });

  it.each([
    [CHAT, CHAT_ANSWER],
    [MESSAGES, MESSAGES_ANSWER],
  ])('of %s is streamed to a client that asked for a stream', async (model, body) => {
    const { answer, sent, committed } = await received(model, true, [JSON.stringify(body)]);
    expect(committed).toBe(true);
    expect(sent).toContain(textToBytes('Grüße'));
    expect(sent).toMatch(/data: \[DONE\]\n\n$/);
    expect(answer).toMatchObject({ body: null, usage: { output: 2 } });
  });
});

describe('a 200 that is no answer', () => {
  it.each<[string, string, string, string]>([
    [
      'an error of the wire',
      CHAT,
      '{"error":{"message":"slow down","type":"rate_limit_error","code":"rate_limit_exceeded"}}',
      'upstream_rate_limited',
    ],
    [
      'an error of the wire',
      MESSAGES,
      '{"type":"error","error":{"type":"overloaded_error","message":"busy"}}',
      'upstream_overloaded',
    ],
    ['nothing', CHAT, '', 'upstream_garbled'],
    ['nothing', MESSAGES, '', 'upstream_garbled'],
    ['a web page', CHAT, '<html><body>Sign in</body></html>', 'upstream_garbled'],
    ['a web page', MESSAGES, '<html><body>Sign in</body></html>', 'upstream_garbled'],
    ['JSON of another kind', CHAT, '{"status":"ok"}', 'upstream_garbled'],
    ['JSON of another kind', MESSAGES, '{"status":"ok"}', 'upstream_garbled'],
    ['a list', CHAT, '[]', 'upstream_garbled'],
    ['a list', MESSAGES, '[]', 'upstream_garbled'],
    ['half an answer', CHAT, JSON.stringify(CHAT_ANSWER).slice(0, 60), 'upstream_garbled'],
    ['half an answer', MESSAGES, JSON.stringify(MESSAGES_ANSWER).slice(0, 60), 'upstream_garbled'],
  ])('fails its attempt: %s from %s', async (_name, model, body, kind) => {
    for (const stream of [false, true]) {
      const { failure, answer, sent } = await received(model, stream, [body]);
      expect(failure?.kind).toBe(kind);
      expect([answer, sent]).toEqual([null, '']);
    }
  });

  it('fails its attempt where the connection broke, whatever came before', async () => {
    const host = new RecordingHost(await testRun({ body: { model: CHAT, messages: TURNS } }));
    const receiver = new WholeReceiver(host);
    receiver.data(textToBytes(JSON.stringify(CHAT_ANSWER)));
    receiver.end({ kind: 'upstream_unavailable', message: 'reset' });
    expect([host.failure?.kind, host.answer]).toEqual(['upstream_unavailable', null]);
  });

  it('is not told with the words that it was to bring', async () => {
    const run = await testRun({ body: { model: 'messages/m', messages: TURNS } });
    const host = new RecordingHost(run);
    const receiver = new WholeReceiver(host);
    receiver.data(textToBytes('{"content":[{"type":"text","text":"Between you and me'));
    receiver.end(null);
    expect(host.failure).toEqual({
      kind: 'upstream_garbled',
      message: 'its answer is not JSON: it is broken after 53 bytes',
    });
  });

  it.each([
    ['', 'the body is empty'],
    [' \n ', 'the body is empty'],
    ['<p>\n  Hi', '"<p> Hi"'],
    ['x'.repeat(500), `"${'x'.repeat(120)}"`],
  ])('is told by its first words: %j', (body, words) => {
    expect(opening(textToBytes(body))).toBe(words);
  });
});
