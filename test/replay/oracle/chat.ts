import { at, countAt, finishOf, listAt, parseArguments, textAt } from './reading.ts';
import type { Call, Counts, FinishWord, Reading, Value } from './reading.ts';

const FINISH: { readonly [word: string]: FinishWord } = {
  stop: 'end',
  length: 'length',
  tool_calls: 'tools',
  function_call: 'tools',
  content_filter: 'filtered',
};

/** Reads a whole answer of OpenAI's chat. */
export function readChat(body: Value): Reading {
  const message = at(body, 'choices', 0, 'message');
  const calls = listAt(message, 'tool_calls').map((call) => readCall(at(call, 'function')));
  const legacy = at(message, 'function_call');
  if (textAt(legacy, 'name') !== '') calls.push(readCall(legacy));
  return {
    text: visible(message),
    reasoning: reasoning([message]),
    calls,
    finish: finishOf(finishWord(at(body, 'choices', 0, 'finish_reason')), calls),
    usage: readUsage(at(body, 'usage')),
    failed: isError(at(body, 'error')),
  };
}

/** Reads the chunks of a streamed answer of OpenAI's chat. */
export function readChatStream(chunks: readonly Value[]): Reading {
  let text = '';
  let finish: FinishWord | null = null;
  let usage: Counts | null = null;
  const calls = new CallsUnderWay();
  const deltas = chunks.map((chunk) => at(chunk, 'choices', 0, 'delta'));
  for (const chunk of chunks) {
    usage = readUsage(at(chunk, 'usage')) ?? readUsage(at(chunk, 'x_groq', 'usage')) ?? usage;
    for (const choice of listAt(chunk, 'choices').filter((each) => countAt(each, 'index') === 0)) {
      const delta = at(choice, 'delta');
      text += visible(delta);
      for (const fragment of listAt(delta, 'tool_calls')) calls.add(fragment);
      finish = finishWord(at(choice, 'finish_reason')) ?? finish;
    }
    // Snowflake tells no finish reason; the usage chunk after the last choice is the end of its answers.
    if (at(chunk, 'usage') && listAt(chunk, 'choices').length === 0) finish ??= 'end';
  }
  const whole = calls.whole();
  // An error after the finish reason explains it ("token limit reached"); the answer had ended before.
  const failed = finish === null && chunks.some((chunk) => isError(at(chunk, 'error')));
  return { text, reasoning: reasoning(deltas), calls: whole, finish: finishOf(finish, whole), usage, failed };
}

// A fragment with another id or a second name on the same index begins another call.
class CallsUnderWay {
  readonly #calls: { index: number; id: string; name: string; text: string }[] = [];

  add(fragment: Value): void {
    const index = countAt(fragment, 'index');
    const id = textAt(fragment, 'id');
    const name = textAt(fragment, 'function', 'name');
    const open = this.#calls.findLast((call) => call.index === index);
    const begins = open === undefined || (name !== '' && open.name !== '' && (id !== open.id || id === ''));
    if (begins) this.#calls.push({ index, id, name, text: textAt(fragment, 'function', 'arguments') });
    else {
      open.name = open.name === '' ? name : open.name;
      open.text += textAt(fragment, 'function', 'arguments');
    }
  }

  whole(): readonly Call[] {
    return this.#calls.map(({ name, text }) => ({ name, arguments: parseArguments(text) }));
  }
}

function readCall(call: Value | undefined): Call {
  return { name: textAt(call, 'name'), arguments: parseArguments(textAt(call, 'arguments')) };
}

function cached(usage: Value): number {
  return (
    countAt(usage, 'prompt_tokens_details', 'cached_tokens') ||
    countAt(usage, 'prompt_cache_hit_tokens') ||
    countAt(usage, 'cached_tokens') ||
    countAt(usage, 'num_cached_tokens')
  );
}

function isError(error: Value | undefined): boolean {
  return error !== undefined && error !== null;
}

// Mistral answers with a list of parts while it thinks.
function visible(message: Value | undefined): string {
  const parts = listAt(message, 'content').filter((part) => textAt(part, 'type') === 'text');
  return (
    textAt(message, 'content') +
    parts.map((part) => textAt(part, 'text')).join('') +
    textAt(message, 'refusal')
  );
}

// Providers tell thoughts in fields of different names, some in two at once: one of them is read, from start to end.
function reasoning(messages: readonly (Value | undefined)[]): string {
  const readings = [
    (message: Value | undefined) => textAt(message, 'reasoning_content'),
    (message: Value | undefined) => textAt(message, 'reasoning'),
    (message: Value | undefined) => texts(listAt(message, 'reasoning_details')),
    (message: Value | undefined) =>
      texts(listAt(message, 'content').flatMap((part) => listAt(part, 'thinking'))),
  ];
  return readings.map((read) => messages.map(read).join('')).find((text) => text !== '') ?? '';
}

function texts(items: readonly Value[]): string {
  return items.map((item) => textAt(item, 'text') || textAt(item, 'summary')).join('');
}

function finishWord(word: Value | undefined): FinishWord | null {
  return typeof word === 'string' ? (FINISH[word] ?? 'end') : null;
}

// xAI counts reasoning on top of completion_tokens, and Gemini's chat hides thoughts in the total: both show as a rest.
function readUsage(usage: Value | undefined): Counts | null {
  if (typeof usage !== 'object' || usage === null) return null;
  const input = countAt(usage, 'prompt_tokens');
  const completion = countAt(usage, 'completion_tokens');
  const rest = Math.max(0, countAt(usage, 'total_tokens') - input - completion);
  const output = completion + rest;
  // Parts are never more than the whole: Mistral counts more tokens from the cache than the prompt has, OpenRouter counts
  // tokens as read and as written at once.
  const cacheRead = Math.min(input, cached(usage));
  return {
    input,
    output,
    cacheRead,
    cacheWrite5m: Math.min(input - cacheRead, countAt(usage, 'prompt_tokens_details', 'cache_write_tokens')),
    cacheWrite1h: 0,
    inputAudio: countAt(usage, 'prompt_tokens_details', 'audio_tokens'),
    reasoning: Math.min(output, countAt(usage, 'completion_tokens_details', 'reasoning_tokens') || rest),
    outputAudio: countAt(usage, 'completion_tokens_details', 'audio_tokens'),
  };
}
