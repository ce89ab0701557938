import { at, countAt, finishOf, listAt, parseArguments, textAt } from './reading.ts';
import type { Call, Counts, FinishWord, Reading, Value } from './reading.ts';

const FINISH: { readonly [word: string]: FinishWord } = {
  end_turn: 'end',
  stop_sequence: 'stop-string',
  max_tokens: 'length',
  tool_use: 'tools',
  refusal: 'filtered',
  pause_turn: 'paused',
  model_context_window_exceeded: 'context-full',
};

/** Reads a whole answer of Anthropic's Messages. */
export function readMessages(body: Value): Reading {
  const blocks = listAt(body, 'content');
  const calls: readonly Call[] = blocks
    .filter((block) => textAt(block, 'type') === 'tool_use')
    .map((block) => ({ name: textAt(block, 'name'), arguments: at(block, 'input') ?? {} }));
  return {
    text: joined(blocks, 'text'),
    reasoning: joined(blocks, 'thinking'),
    calls,
    finish: finishOf(finishWord(at(body, 'stop_reason')), calls),
    usage: readUsage([at(body, 'usage')]),
    failed: textAt(body, 'type') === 'error',
  };
}

/** Reads the events of a streamed answer of Anthropic's Messages. */
export function readMessagesStream(events: readonly Value[]): Reading {
  const calls = new Map<number, { readonly name: string; readonly input: Value; text: string }>();
  let text = '';
  let thought = '';
  let finish: FinishWord | null = null;
  for (const event of events) {
    const index = countAt(event, 'index');
    const started = at(event, 'content_block');
    if (textAt(started, 'type') === 'tool_use') {
      calls.set(index, { name: textAt(started, 'name'), input: at(started, 'input') ?? {}, text: '' });
    }
    text += textAt(started, 'type') === 'text' ? textAt(started, 'text') : '';
    thought += textAt(started, 'thinking');
    const delta = at(event, 'delta');
    if (textAt(delta, 'type') === 'text_delta') text += textAt(delta, 'text');
    thought += textAt(delta, 'thinking');
    const call = calls.get(index);
    if (call !== undefined) call.text += textAt(delta, 'partial_json');
    finish = finishWord(at(delta, 'stop_reason')) ?? finish;
  }
  const whole = [...calls.values()].map((call) => ({
    name: call.name,
    arguments: call.text === '' ? call.input : parseArguments(call.text),
  }));
  const usages = events.map((event) => at(event, 'message', 'usage') ?? at(event, 'usage'));
  const failed = events.some((event) => textAt(event, 'type') === 'error');
  return {
    text,
    reasoning: thought,
    calls: whole,
    finish: finishOf(finish, whole),
    usage: readUsage(usages),
    failed,
  };
}

function joined(blocks: readonly Value[], type: 'text' | 'thinking'): string {
  const found = blocks.filter((block) => textAt(block, 'type') === type);
  return found.map((block) => textAt(block, type)).join('');
}

function finishWord(word: Value | undefined): FinishWord | null {
  return typeof word === 'string' ? (FINISH[word] ?? 'end') : null;
}

// Counters in a stream are totals so far, and later ones correct earlier ones; one that is not repeated still stands.
function readUsage(usages: readonly (Value | undefined)[]): Counts | null {
  const known = usages.filter((usage) => typeof usage === 'object' && usage !== null);
  if (known.length === 0) return null;
  // Compacting the context and asking an advisor are billed, but stand in the list of iterations only.
  const extra = known
    .flatMap((usage) => listAt(usage, 'iterations'))
    .filter((iteration) => ['compaction', 'advisor_message'].includes(textAt(iteration, 'type')));
  const last = (...path: readonly string[]): number => {
    const found = known.findLast((usage) => typeof at(usage, ...path) === 'number');
    return extra.reduce(
      (sum: number, iteration) => sum + countAt(iteration, ...path),
      countAt(found, ...path),
    );
  };
  const written = last('cache_creation_input_tokens');
  const written1h = Math.min(written, last('cache_creation', 'ephemeral_1h_input_tokens'));
  return {
    input: last('input_tokens') + last('cache_read_input_tokens') + written,
    output: last('output_tokens'),
    cacheRead: last('cache_read_input_tokens'),
    cacheWrite5m: written - written1h,
    cacheWrite1h: written1h,
    inputAudio: 0,
    reasoning: last('output_tokens_details', 'thinking_tokens'),
    outputAudio: 0,
  };
}
