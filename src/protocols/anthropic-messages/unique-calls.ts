import type { Message, ToolCallPart, ToolResultPart } from '../../spec/generate.ts';
import type { Warnings } from '../warnings.ts';

/**
 * The history with every call id used once, as the API demands; providers that invent ids per turn repeat them. A repeated
 * id gets a number, and results follow their calls in the order in which the calls were made.
 */
export function withUniqueCalls(messages: readonly Message[], warnings: Warnings): readonly Message[] {
  if (!hasRepeatedCall(messages)) return messages;
  warnings.add('repaired', 'messages', 'Tool calls that shared an id were told apart.');
  const used = new Set<string>();
  const unanswered = new Map<string, string[]>();
  const rename = (part: ToolCallPart): ToolCallPart => {
    const id = freeId(part.id, used);
    used.add(id);
    unanswered.set(part.id, [...(unanswered.get(part.id) ?? []), id]);
    return { ...part, id };
  };
  const follow = (part: ToolResultPart): ToolResultPart => {
    const callId = unanswered.get(part.callId)?.shift() ?? part.callId;
    return { ...part, callId };
  };
  return messages.map((message): Message => {
    if (message.role === 'tool') return { ...message, parts: message.parts.map(follow) };
    if (message.role !== 'assistant') return message;
    return {
      ...message,
      parts: message.parts.map((part) => (part.type === 'tool-call' ? rename(part) : part)),
    };
  });
}

function freeId(id: string, used: ReadonlySet<string>): string {
  let free = id;
  for (let number = 2; used.has(free); number += 1) free = `${id}-${number}`;
  return free;
}

function hasRepeatedCall(messages: readonly Message[]): boolean {
  const seen = new Set<string>();
  for (const message of messages) {
    for (const part of message.role === 'assistant' ? message.parts : []) {
      if (part.type !== 'tool-call') continue;
      if (seen.has(part.id)) return true;
      seen.add(part.id);
    }
  }
  return false;
}
