import type { Extras } from './generate.ts';
import type { Usage } from './usage.ts';

/** The request for vectors of texts or token lists. */
export interface EmbedRequest {
  readonly model: string;
  readonly input: readonly (string | readonly number[])[];
  readonly dimensions?: number;
  /** How the client wants each vector: numbers, or base64 of little-endian 32-bit floats. */
  readonly encoding: 'float' | 'base64';
  readonly userId?: string;
  readonly extras?: Extras;
}

/** The vectors, in the order of the input. */
export interface EmbedResult {
  readonly model: string | null;
  readonly vectors: readonly (readonly number[])[];
  readonly usage: Usage;
}
