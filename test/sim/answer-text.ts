import type { Sent } from './world.ts';

/** What a client read: the visible text and the tool calls with their arguments, put together from a stream or a whole answer. */
export function answerText({ request, sink }: Sent): string {
  const payloads = isStreamed(sink.body) ? eventsOf(sink.body) : [JSON.parse(sink.body)];
  let read = '';
  for (const payload of payloads) {
    for (const value of request.surface === 'chat' ? chatPieces(payload) : messagePieces(payload))
      read += value;
  }
  return read;
}

function isStreamed(body: string): boolean {
  return body.startsWith('data:') || body.startsWith('event:') || body.startsWith(':');
}

function eventsOf(body: string): unknown[] {
  return body
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice('data: '.length)));
}

/** Values of the fields of an event or answer that a person or a program would miss, in order. */
function collect(value: unknown, names: readonly string[]): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (names.includes(key) && typeof inner === 'string') return [inner];
    // Anthropic gives whole arguments as an object, in pieces as text; both read the same without spaces.
    if (key === 'input' && typeof inner === 'object')
      return Object.keys(inner ?? {}).length === 0 ? [] : [JSON.stringify(inner)];
    return collect(inner, names);
  });
}

function chatPieces(payload: unknown): string[] {
  return collect(payload, ['content', 'name', 'arguments']);
}

function messagePieces(payload: unknown): string[] {
  return collect(payload, ['text', 'name', 'partial_json']);
}
