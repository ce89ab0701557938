import type { StreamPart } from '../spec/stream.ts';

/** A part that belongs to a block. */
export type BlockPart = Exclude<StreamPart, { readonly type: 'start' | 'usage' | 'finish' | 'error' }>;

/** A part that makes a block longer. */
export type DeltaPart = Extract<StreamPart, { readonly text: string }>;

/** Finds the point in a new attempt from which on its parts are news to the client, and writes what comes behind it. */
export interface Joint {
  push(part: BlockPart, out: StreamPart[]): void;
  /** The new answer is whole: nothing waits any more, and what is open is closed. */
  finish(out: StreamPart[]): void;
  /** Whether the point was found. */
  readonly joined: boolean;
  /** Why there is none, as a sentence; null while there may be one. */
  readonly diverged: string | null;
}

/** The same question for words alone: where they go on behind those that were delivered. */
export interface Alignment {
  /** More words of the attempt; gives what is behind the point (perhaps nothing) once it is found, null before. */
  push(text: string): string | null;
  /** There are no more words: the last chance to find the point. */
  end(): string | null;
  /** Whether exactly what was delivered has been read, so that whatever comes next is new. */
  readonly covered: boolean;
  readonly diverged: string | null;
}
