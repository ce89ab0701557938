import type { Delivered, DeliveredBlock } from '../resumption/delivered.ts';
import type { BlockStart, StreamPart } from '../spec/stream.ts';

/** What the client has been sent by a provider of its own wire, as the shortest stream that says the same; for an encoder that is to go on from there. */
export function deliveredParts({ started, id, model, blocks }: Delivered): readonly StreamPart[] {
  // A provider that gave no id has none; one of ours behind it would be another.
  return [
    ...(started ? [{ type: 'start', id: id ?? '', model } as const] : []),
    ...blocks.flatMap(blockParts),
  ];
}

function blockParts({ index, start, text, open, opaque }: DeliveredBlock): readonly StreamPart[] {
  const parts: StreamPart[] = [{ type: 'block-start', index, block: start }];
  if (text !== '') parts.push(DELTAS[start.type](index, text));
  if (!open) parts.push({ type: 'block-end', index, ...(opaque === null ? {} : { opaque }) });
  return parts;
}

const DELTAS: { readonly [type in BlockStart['type']]: (index: number, text: string) => StreamPart } = {
  text: (index, text) => ({ type: 'text-delta', index, text }),
  reasoning: (index, text) => ({ type: 'reasoning-delta', index, text }),
  refusal: (index, text) => ({ type: 'refusal-delta', index, text }),
  'tool-call': (index, text) => ({ type: 'tool-input-delta', index, text }),
  // These come whole and never grow; a text of theirs would be one of words.
  native: (index, text) => ({ type: 'text-delta', index, text }),
  media: (index, text) => ({ type: 'text-delta', index, text }),
};
