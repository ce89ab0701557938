import { unreachable } from '../base/assert.ts';
import { isArray } from '../base/json.ts';
import type { AssistantPart, GenerateResult } from '../spec/generate.ts';
import type { BlockStart, StreamPart } from '../spec/stream.ts';

/** A whole answer as the parts of a stream, for a client that asked for a stream and a provider that did not give one. */
export function partsOf(result: GenerateResult): readonly StreamPart[] {
  return [
    { type: 'start', id: result.id, model: result.model },
    ...result.parts.flatMap(blockOf),
    { type: 'usage', usage: result.usage },
    { type: 'finish', finish: result.finish },
  ];
}

function blockOf(part: AssistantPart, index: number): readonly StreamPart[] {
  const opaque = 'opaque' in part && part.opaque !== undefined ? { opaque: part.opaque } : {};
  return [
    { type: 'block-start', index, block: startOf(part) },
    ...deltasOf(part, index),
    ...citationsOf(part, index),
    { type: 'block-end', index, ...opaque },
  ];
}

function startOf(part: AssistantPart): BlockStart {
  switch (part.type) {
    case 'text':
    case 'reasoning':
    case 'refusal':
      return { type: part.type };
    case 'tool-call':
      return {
        type: 'tool-call',
        id: part.id,
        name: part.name,
        ...(part.opaque === undefined ? {} : { opaque: part.opaque }),
      };
    case 'native':
      return { type: 'native', native: { origin: part.origin, value: part.value } };
    case 'media':
      return {
        type: 'media',
        mediaType: part.mediaType,
        data: part.source.type === 'base64' ? part.source.data : '',
      };
    default:
      return unreachable(part);
  }
}

function deltasOf(part: AssistantPart, index: number): readonly StreamPart[] {
  switch (part.type) {
    case 'text':
      return [{ type: 'text-delta', index, text: part.text }];
    case 'reasoning':
      return part.text === null ? [] : [{ type: 'reasoning-delta', index, text: part.text }];
    case 'refusal':
      return [{ type: 'refusal-delta', index, text: part.text }];
    case 'tool-call':
      return [{ type: 'tool-input-delta', index, text: part.arguments }];
    case 'native':
    case 'media':
      return [];
    default:
      return unreachable(part);
  }
}

// Sources stand in a list on wires that tell them one by one (Anthropic, chat), and in one object where they belong together.
function citationsOf(part: AssistantPart, index: number): readonly StreamPart[] {
  if (part.type !== 'text' || part.citations === undefined) return [];
  const { origin, value } = part.citations;
  const each = isArray(value) ? value : [value];
  return each.map((citation) => ({ type: 'citation', index, citation: { origin, value: citation } }));
}
