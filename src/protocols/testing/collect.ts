import type { AssistantPart, Finish, GenerateResult, OpaqueState } from '../../spec/generate.ts';
import type { BlockStart, StreamPart } from '../../spec/stream.ts';
import { laterUsage, UNKNOWN_USAGE } from '../../spec/usage.ts';

/** What a stream amounts to: its answer (the finish null where none came) and its error. */
export interface Collected {
  readonly result: Omit<GenerateResult, 'finish'>;
  readonly finish: Finish | null;
  readonly error: Extract<StreamPart, { type: 'error' }> | null;
}

/**
 * Puts a stream together and checks its grammar on the way: one start first, deltas only in open blocks of their kind,
 * indexes in the order of opening, nothing after the finish but usage.
 */
export function collect(stream: readonly StreamPart[]): Collected {
  const state: State = {
    started: null,
    blocks: [],
    usage: UNKNOWN_USAGE,
    finish: null,
    error: null,
  };
  for (const part of stream) step(state, part);
  if (state.finish !== null && state.blocks.some((block) => !block.ended))
    fail('a block is open at the finish');
  return {
    result: {
      id: state.started?.id ?? null,
      model: state.started?.model ?? null,
      parts: state.blocks.map(partOf),
      usage: state.usage,
    },
    finish: state.finish,
    error: state.error,
  };
}

interface Block {
  readonly start: BlockStart;
  text: string;
  citations: { origin: string; value: unknown }[];
  opaque: OpaqueState | undefined;
  ended: boolean;
}

interface State {
  started: Extract<StreamPart, { type: 'start' }> | null;
  readonly blocks: Block[];
  usage: GenerateResult['usage'];
  finish: Finish | null;
  error: Extract<StreamPart, { type: 'error' }> | null;
}

function step(state: State, part: StreamPart): void {
  if (state.error !== null) fail(`${part.type} after an error`);
  if (state.finish !== null && part.type !== 'usage') fail(`${part.type} after the finish`);
  switch (part.type) {
    case 'start':
      if (state.started !== null) fail('a second start');
      state.started = part;
      return;
    case 'usage':
      state.usage = laterUsage(state.usage, part.usage);
      return;
    case 'finish':
      state.finish = part.finish;
      return;
    case 'error':
      state.error = part;
      return;
    default:
      if (state.started === null) fail(`${part.type} before the start`);
      stepBlock(state, part);
  }
}

type BlockPart = Exclude<StreamPart, { type: 'start' | 'usage' | 'finish' | 'error' }>;

function stepBlock(state: State, part: BlockPart): void {
  if (part.type === 'block-start') {
    if (part.index !== state.blocks.length)
      fail(`block ${part.index} opened as number ${state.blocks.length}`);
    state.blocks.push({ start: part.block, text: '', citations: [], opaque: undefined, ended: false });
    return;
  }
  const block = state.blocks[part.index];
  if (block === undefined || block.ended)
    return fail(`${part.type} in block ${part.index}, which is not open`);
  if (part.type === 'block-end') {
    block.ended = true;
    block.opaque = part.opaque;
  } else if (part.type === 'citation') {
    block.citations.push(part.citation);
  } else {
    const wanted = part.type === 'tool-input-delta' ? 'tool-call' : part.type.replace('-delta', '');
    if (block.start.type !== wanted) fail(`${part.type} in a block of type ${block.start.type}`);
    block.text += part.text;
  }
}

function partOf(block: Block): AssistantPart {
  const opaque = block.opaque === undefined ? {} : { opaque: block.opaque };
  switch (block.start.type) {
    case 'text':
      return { type: 'text', text: block.text, ...opaque };
    case 'refusal':
      return { type: 'refusal', text: block.text };
    case 'reasoning':
      return { type: 'reasoning', text: block.text === '' ? null : block.text, ...opaque };
    case 'tool-call':
      return {
        type: 'tool-call',
        id: block.start.id,
        name: block.start.name,
        arguments: block.text,
        ...opaque,
      };
    case 'native':
      return { type: 'native', ...block.start.native };
    case 'media':
      return {
        type: 'media',
        mediaType: block.start.mediaType,
        source: { type: 'base64', data: block.start.data },
      };
  }
}

function fail(what: string): never {
  throw new Error(`the stream breaks its grammar: ${what}`);
}
