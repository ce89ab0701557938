import type { GenerateResult, AssistantPart } from '../../spec/generate.ts';
import type { BlockStart, StreamPart } from '../../spec/stream.ts';
import { tokenPieces } from './tokens.ts';

/** The parts of a stream that carries a whole answer, cut as a model would produce it: about a token at a time. */
export function streamParts(result: GenerateResult): readonly StreamPart[] {
  return [
    { type: 'start', id: result.id, model: result.model },
    ...result.parts.flatMap((part, index) => block(part, index)),
    { type: 'usage', usage: result.usage },
    { type: 'finish', finish: result.finish },
  ];
}

function block(part: AssistantPart, index: number): readonly StreamPart[] {
  const opaque = 'opaque' in part && part.opaque !== undefined ? { opaque: part.opaque } : {};
  const end: StreamPart = { type: 'block-end', index, ...opaque };
  switch (part.type) {
    case 'text':
      return [open(index, { type: 'text' }), ...deltas('text-delta', index, part.text), end];
    case 'reasoning':
      return [open(index, { type: 'reasoning' }), ...deltas('reasoning-delta', index, part.text ?? ''), end];
    case 'refusal':
      return [open(index, { type: 'refusal' }), ...deltas('refusal-delta', index, part.text), end];
    case 'tool-call': {
      const start = open(index, { type: 'tool-call', id: part.id, name: part.name });
      return [start, ...deltas('tool-input-delta', index, part.arguments), end];
    }
    case 'native':
      return [open(index, { type: 'native', native: { origin: part.origin, value: part.value } }), end];
    case 'media':
      return [];
  }
}

function open(index: number, start: BlockStart): StreamPart {
  return { type: 'block-start', index, block: start };
}

type DeltaType = 'text-delta' | 'reasoning-delta' | 'refusal-delta' | 'tool-input-delta';

function deltas(type: DeltaType, index: number, text: string): readonly StreamPart[] {
  return tokenPieces(text).map((piece) => ({ type, index, text: piece }));
}
