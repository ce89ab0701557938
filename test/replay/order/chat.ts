import { at, listAt, textAt, type Value } from '../oracle/reading.ts';
import type { StreamEvent } from '../oracle/sse.ts';

/**
 * Violations of the order of OpenAI's chat streams: per choice the role first, deltas, exactly one finish reason; then
 * usage on a chunk without choices; then `[DONE]`. A stream that ends in an error object has neither of the last two.
 */
export function chatOrder(events: readonly StreamEvent[]): readonly string[] {
  const state: State = { violations: [], ids: new Set(), choices: new Map(), usages: 0, failed: false };
  const done = events.findIndex((event) => event.data === '[DONE]');
  const chunks = events
    .filter((event) => event.data !== '[DONE]')
    .map((event) => JSON.parse(event.data) as Value);
  for (const chunk of chunks) step(state, chunk);
  if (events.some((event) => event.name !== '')) state.violations.push('an event has a name');
  if (state.ids.size > 1) state.violations.push('id, created or model changes between chunks');
  if (!state.failed) endOfStream(state, done, events.length);
  return state.violations;
}

interface Choice {
  finished: boolean;
  /** Index of each call in the order of opening. */
  readonly calls: number[];
}

interface State {
  readonly violations: string[];
  readonly ids: Set<string>;
  readonly choices: Map<number, Choice>;
  usages: number;
  failed: boolean;
}

function endOfStream(state: State, done: number, length: number): void {
  if (done < 0) state.violations.push('no [DONE]');
  else if (done !== length - 1) state.violations.push('something follows [DONE]');
  if (state.choices.size === 0) state.violations.push('no choice at all');
  for (const choice of state.choices.values()) {
    if (!choice.finished) state.violations.push('a choice has no finish reason');
  }
}

function step(state: State, chunk: Value): void {
  if (state.failed) state.violations.push('something follows the error');
  if (at(chunk, 'error') !== undefined) {
    state.failed = true;
    return;
  }
  state.ids.add(JSON.stringify([at(chunk, 'id'), at(chunk, 'created'), at(chunk, 'model')]));
  if (state.usages > 0) state.violations.push('a chunk follows the usage');
  const choices = listAt(chunk, 'choices');
  const hasUsage = typeof at(chunk, 'usage') === 'object' && at(chunk, 'usage') !== null;
  if (hasUsage) state.usages += 1;
  if (hasUsage && choices.length > 0) state.violations.push('usage stands on a chunk with choices');
  for (const choice of choices) stepChoice(state, choice);
}

function stepChoice({ choices, violations }: State, value: Value): void {
  const index = Number(at(value, 'index'));
  const known = choices.get(index);
  const choice = known ?? { finished: false, calls: [] };
  choices.set(index, choice);
  const delta = at(value, 'delta');
  if (known === undefined && textAt(delta, 'role') !== 'assistant')
    violations.push('the first delta has no role');
  if (known !== undefined && at(delta, 'role') !== undefined) violations.push('the role is told twice');
  if (choice.finished) violations.push('a delta follows the finish reason');
  for (const fragment of listAt(delta, 'tool_calls')) stepCall(choice, fragment, violations);
  if (typeof at(value, 'finish_reason') === 'string') choice.finished = true;
}

function stepCall({ calls }: Choice, fragment: Value, violations: string[]): void {
  const index = Number(at(fragment, 'index'));
  if (!calls.includes(index)) {
    if (index !== calls.length) violations.push('the index of a call is not the next');
    calls.push(index);
    const complete = textAt(fragment, 'id') !== '' && textAt(fragment, 'function', 'name') !== '';
    if (!complete || textAt(fragment, 'type') !== 'function') {
      violations.push('the first fragment of a call lacks id, type or name');
    }
  } else if (at(fragment, 'id') !== undefined || at(fragment, 'function', 'name') !== undefined) {
    violations.push('a later fragment of a call repeats id or name');
  }
}
