import type { Heard } from '../protocols/protocol.ts';
import type { Finish, GenerateResult } from '../spec/generate.ts';
import type { RequestRun } from './request-run.ts';

/** Whether a whole answer that claims to have come to its natural end has nothing in it: no text, thought, call or medium. */
export function saysNothing({ parts, finish }: GenerateResult): boolean {
  if (finish.reason !== 'stop') return false;
  return parts.every((part) => (part.type === 'text' || part.type === 'refusal') && part.text === '');
}

/** The same of an answer that was only listened to. */
export function isSilent({ content, outputChars, finish }: Heard): boolean {
  return !content && outputChars === 0 && endsByItself(finish);
}

/** Whether the model says that it has said all that it had to say. */
export function endsByItself(finish: Finish | null): boolean {
  return finish?.reason === 'stop';
}

/**
 * Whether the request asks for something to be said. Behind the result of a tool, or a beginning of the answer that the
 * client wrote itself, a model may well have nothing to add (Anthropic's documentation, "Empty responses with end_turn").
 */
export function mustSaySomething(run: RequestRun): boolean {
  try {
    const { messages, stop = [] } = run.decoded();
    // A stop string may be the first thing that it wanted to say, and not every wire tells that one was met.
    if (stop.length > 0) return false;
    const last = messages.at(-1);
    return last?.role === 'user' && last.parts.length > 0;
  } catch {
    return false;
  }
}
