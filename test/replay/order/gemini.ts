import { at, listAt, type Value } from '../oracle/reading.ts';
import type { StreamEvent } from '../oracle/sse.ts';

/**
 * Violations of the order of Gemini's streams: events without names, parts, the finish reason on the last chunk that has
 * a candidate, no terminator; an error object ends the stream.
 */
export function geminiOrder(events: readonly StreamEvent[]): readonly string[] {
  const violations: string[] = [];
  const ids = new Set<string>();
  let over: string | null = null;
  for (const { name, data } of events) {
    const chunk = JSON.parse(data) as Value;
    if (name !== '') violations.push('an event has a name');
    if (over !== null && (over === 'the error' || carriesContent(chunk)))
      violations.push(`content follows ${over}`);
    if (at(chunk, 'error') !== undefined) over = 'the error';
    else ids.add(JSON.stringify([at(chunk, 'responseId'), at(chunk, 'modelVersion')]));
    if (isFinish(chunk)) {
      if (over !== null) violations.push('a second finish reason');
      over = 'the finish reason';
    }
  }
  if (over === null) violations.push('no finish reason');
  if (ids.size > 1) violations.push('responseId or modelVersion changes between chunks');
  return violations;
}

function carriesContent(chunk: Value): boolean {
  return listAt(chunk, 'candidates', 0, 'content', 'parts').length > 0;
}

function isFinish(chunk: Value): boolean {
  const reason = at(chunk, 'candidates', 0, 'finishReason') ?? at(chunk, 'promptFeedback', 'blockReason');
  return reason !== undefined;
}
