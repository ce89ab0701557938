import type { EncodeTarget } from '../protocol.ts';
import { Warnings } from '../warnings.ts';
import { generationOf } from './model-name.ts';

/** What the parts of one request's encoding share: the target, and what it cannot express. */
export interface Encoding {
  readonly target: EncodeTarget;
  /** Major version of the Gemini model. */
  readonly generation: number;
  readonly warnings: Warnings;
}

/** A fresh encoding for a target. */
export function encodingFor(target: EncodeTarget): Encoding {
  return { target, generation: generationOf(target), warnings: new Warnings() };
}
