import type { ErrorKind } from './error.ts';
import type { Finish, NativeValue, OpaqueState } from './generate.ts';
import type { Usage } from './usage.ts';

/**
 * One event of a streamed answer, the same for all wires. Grammar: `start`, then blocks, then `finish`; `usage` may come
 * at any time and the last one wins; `error` ends the stream instead of `finish`. A block is opened by `block-start`,
 * grows by deltas and is closed by `block-end`; `index` counts blocks from 0 in the order of opening. Blocks may overlap
 * (parallel tool calls of OpenAI); an encoder whose wire forbids that buffers.
 */
export type StreamPart =
  | {
      readonly type: 'start';
      readonly id: string | null;
      readonly model: string | null;
      /** When the answer was made, in seconds since 1970, on wires that tell it. */
      readonly createdAtS?: number;
    }
  | { readonly type: 'block-start'; readonly index: number; readonly block: BlockStart }
  | {
      readonly type: 'text-delta';
      readonly index: number;
      readonly text: string;
      readonly logprobs?: NativeValue;
    }
  | { readonly type: 'reasoning-delta'; readonly index: number; readonly text: string }
  | { readonly type: 'refusal-delta'; readonly index: number; readonly text: string }
  | { readonly type: 'tool-input-delta'; readonly index: number; readonly text: string }
  /** A source of the text of this block, in the shape of its wire. */
  | { readonly type: 'citation'; readonly index: number; readonly citation: NativeValue }
  | {
      readonly type: 'block-end';
      readonly index: number;
      /** Signed state of a reasoning, text or tool-call block. */
      readonly opaque?: OpaqueState;
    }
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'finish'; readonly finish: Finish }
  | { readonly type: 'error'; readonly kind: ErrorKind; readonly message: string };

/** What opens a block of a streamed answer. */
export type BlockStart =
  | { readonly type: 'text' }
  | { readonly type: 'reasoning' }
  | { readonly type: 'refusal' }
  | {
      readonly type: 'tool-call';
      readonly id: string;
      readonly name: string;
      /** Signed state where it is known before the arguments; the end of the block has it again. */
      readonly opaque?: OpaqueState;
    }
  /** A whole block that only its own wire understands; no deltas follow. */
  | { readonly type: 'native'; readonly native: NativeValue }
  /** Generated media, whole; no deltas follow. */
  | { readonly type: 'media'; readonly mediaType: string; readonly data: string };
