import fc from 'fast-check';
import type {
  AssistantPart,
  FinishReason,
  GenerateRequest,
  GenerateResult,
  Message,
  Tool,
} from '../../spec/generate.ts';
import type { StreamPart } from '../../spec/stream.ts';
import type { Usage } from '../../spec/usage.ts';

/** Seed of all property tests of the wires, so that a failure can be repeated. */
export const SEED = 20261121;

/** Text with characters of one to four bytes, combined characters, quotes and line ends. */
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
  fc.constantFrom('a', 'two\nlines', '"quoted" \\ back', 'naïve', '日本語', '👩‍👩‍👧', 'data: [DONE]\n\n'),
);

const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_]{0,20}$/);
const callId = fc.stringMatching(/^call_[a-zA-Z0-9]{8,16}$/);
const jsonObject = fc.dictionary(name, fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)), {
  maxKeys: 3,
});

const tokens = fc.nat(1_000_000);

/** Usage as a provider that counts everything but audio, one-hour caches and searches reports it. */
export const usage: fc.Arbitrary<Usage> = fc
  .record({ input: tokens, cacheRead: tokens, cacheWrite5m: tokens, output: tokens, reasoning: tokens })
  .map((known) => ({
    ...known,
    inputAudio: null,
    cacheWrite1h: null,
    outputAudio: null,
    webSearches: null,
    source: 'reported',
  }));

type AnswerParts = {
  readonly reasoning: string | null;
  readonly signature: string | null;
  readonly text: string | null;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: object }[];
};

const answerParts: fc.Arbitrary<AnswerParts> = fc.record({
  reasoning: fc.option(text, { freq: 2 }),
  signature: fc.option(fc.base64String({ minLength: 4, maxLength: 40 })),
  text: fc.option(text, { freq: 4 }),
  calls: fc.uniqueArray(fc.record({ id: callId, name, input: jsonObject }), {
    maxLength: 3,
    selector: (call) => call.id,
  }),
});

/** Makes the state of a reasoning in the form of its wire, from the reasoning's text and a random signature. */
export type Sign = (reasoning: string, signature: string) => string;

const plainSignature: Sign = (_, signature) => signature;

/** The parts of an assistant's turn: reasoning, signed by `origin` or not, then text, then tool calls; at least one. */
export function assistantParts(
  origin: string,
  sign: Sign = plainSignature,
): fc.Arbitrary<readonly AssistantPart[]> {
  return answerParts.map((answer) => {
    const parts: AssistantPart[] = [];
    if (answer.reasoning !== null) {
      const { reasoning, signature } = answer;
      const signed = signature === null ? {} : { opaque: { origin, value: sign(reasoning, signature) } };
      parts.push({ type: 'reasoning', text: answer.reasoning, ...signed });
    }
    if (answer.text !== null || answer.calls.length === 0) {
      parts.push({ type: 'text', text: answer.text ?? 'nothing' });
    }
    for (const call of answer.calls) {
      const input = JSON.stringify(call.input);
      parts.push({ type: 'tool-call', id: call.id, name: call.name, arguments: input });
    }
    return parts;
  });
}

/** Whole answers whose signed state was made by `origin`. */
export function generateResult(origin: string, sign?: Sign): fc.Arbitrary<GenerateResult> {
  const reasons: readonly FinishReason[] = ['stop', 'length', 'content-filter'];
  return fc
    .record({
      id: fc.stringMatching(/^[a-z]{3,6}-[a-zA-Z0-9]{8,20}$/),
      model: fc.constantFrom('gpt-4.1', 'claude-sonnet-4.5', 'gemini-2.5-flash'),
      parts: assistantParts(origin, sign),
      reason: fc.constantFrom(...reasons),
      usage,
    })
    .map(({ reason, ...rest }) => ({
      ...rest,
      finish: { reason: rest.parts.some((part) => part.type === 'tool-call') ? 'tool-calls' : reason },
    }));
}

/** The stream of a whole answer, its texts cut into pieces of the given sizes. */
export function streamOf(result: GenerateResult, sizes: readonly number[]): StreamPart[] {
  const parts: StreamPart[] = [{ type: 'start', id: result.id, model: result.model }];
  result.parts.forEach((part, index) => parts.push(...blockOf(part, index, sizes)));
  parts.push({ type: 'usage', usage: result.usage }, { type: 'finish', finish: result.finish });
  return parts;
}

/** Sizes of pieces, for cutting texts and byte streams. */
export const pieceSizes: fc.Arbitrary<number[]> = fc.array(fc.integer({ min: 1, max: 9 }), {
  minLength: 1,
  maxLength: 8,
});

/** The text in pieces of the given sizes, used in turn. */
export function cut<Text extends string>(whole: Text, sizes: readonly number[]): string[] {
  const pieces: string[] = [];
  for (let at = 0, i = 0; at < whole.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1;
    pieces.push(whole.slice(at, at + size));
    at += size;
  }
  return pieces;
}

// Characters outside the basic plane must not be cut in two: no provider sends half of one in a JSON string.
function cutText(whole: string, sizes: readonly number[]): string[] {
  const pieces: string[] = [];
  const characters = Array.from(whole);
  for (let at = 0, i = 0; at < characters.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1;
    pieces.push(characters.slice(at, at + size).join(''));
    at += size;
  }
  return pieces;
}

function blockOf(part: AssistantPart, index: number, sizes: readonly number[]): StreamPart[] {
  const opened = (block: Extract<StreamPart, { type: 'block-start' }>['block']): StreamPart => ({
    type: 'block-start',
    index,
    block,
  });
  const opaque = 'opaque' in part && part.opaque !== undefined ? { opaque: part.opaque } : {};
  const ended: StreamPart = { type: 'block-end', index, ...opaque };
  switch (part.type) {
    case 'text':
    case 'refusal':
    case 'reasoning': {
      const type = `${part.type}-delta` as const;
      const deltas = cutText(part.text ?? '', sizes).map((piece): StreamPart => ({
        type,
        index,
        text: piece,
      }));
      return [opened({ type: part.type }), ...deltas, ended];
    }
    case 'tool-call': {
      const deltas = cutText(part.arguments, sizes).map((piece): StreamPart => ({
        type: 'tool-input-delta',
        index,
        text: piece,
      }));
      return [opened({ type: 'tool-call', id: part.id, name: part.name }), ...deltas, ended];
    }
    case 'native':
      return [opened({ type: 'native', native: { origin: part.origin, value: part.value } }), ended];
    case 'media':
      return [
        opened({
          type: 'media',
          mediaType: part.mediaType,
          data: part.source.type === 'base64' ? part.source.data : '',
        }),
        ended,
      ];
  }
}

const image = fc
  .tuple(fc.constantFrom('image/png', 'image/jpeg'), fc.base64String({ minLength: 4, maxLength: 40 }))
  .map(([mediaType, data]) => ({
    type: 'media' as const,
    mediaType,
    source: { type: 'base64' as const, data },
  }));

const userMessage: fc.Arbitrary<Message> = fc.tuple(text, fc.option(image)).map(([words, picture]) => ({
  role: 'user',
  parts: picture === null ? [{ type: 'text', text: words }] : [{ type: 'text', text: words }, picture],
}));

// A turn of the assistant, and the results of its tool calls where it made some, else the user's next word.
function turn(origin: string, sign?: Sign): fc.Arbitrary<readonly Message[]> {
  return fc
    .tuple(assistantParts(origin, sign), userMessage, fc.array(text, { minLength: 3, maxLength: 3 }))
    .map(([parts, next, answers]) => {
      const calls = parts.filter((part) => part.type === 'tool-call');
      const results = calls.map((call, index) => ({
        type: 'tool-result' as const,
        callId: call.id,
        parts: [{ type: 'text' as const, text: answers[index] ?? 'done' }],
        isError: false,
      }));
      const answer: Message = calls.length === 0 ? next : { role: 'tool', parts: results };
      return [{ role: 'assistant', parts }, answer];
    });
}

const tool: fc.Arbitrary<Tool> = fc.record({ name, description: text }).map((given) => ({
  type: 'function',
  ...given,
  inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}));

/** Requests that every wire can say: a system prompt, turns with tool loops and images, tools, common settings. */
export function generateRequest(origin: string, sign?: Sign): fc.Arbitrary<GenerateRequest> {
  const messages = fc
    .tuple(fc.option(text), userMessage, fc.array(turn(origin, sign), { maxLength: 3 }))
    .map(([system, first, turns]): Message[] => [
      ...(system === null
        ? []
        : [{ role: 'system' as const, parts: [{ type: 'text' as const, text: system }] }]),
      first,
      ...turns.flat(),
    ])
    .filter((list) => hasUniqueCallIds(list));
  const required = fc.record({
    model: fc.constantFrom('gpt-4.1', 'auto'),
    stream: fc.boolean(),
    messages,
    tools: fc.uniqueArray(tool, { maxLength: 2, selector: (given) => given.name }),
  });
  const settings = fc.record(
    {
      maxOutputTokens: fc.integer({ min: 1, max: 4096 }),
      temperature: fc.constantFrom(0, 0.5, 1),
      topP: fc.constantFrom(0.5, 0.9),
      stop: fc.array(fc.constantFrom('END', '###'), { minLength: 1, maxLength: 2 }),
    },
    { requiredKeys: [] },
  );
  return fc.tuple(required, settings).map(([given, more]) => ({ ...given, ...more }));
}

function hasUniqueCallIds(messages: readonly Message[]): boolean {
  const ids = messages.flatMap((message) =>
    message.role === 'assistant'
      ? message.parts.flatMap((part) => (part.type === 'tool-call' ? [part.id] : []))
      : [],
  );
  return new Set(ids).size === ids.length;
}
