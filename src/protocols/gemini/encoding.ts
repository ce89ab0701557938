import type { Warning, WarningCode } from '../../spec/generate.ts';
import type { EncodeTarget } from '../protocol.ts';
import { generationOf } from './model-name.ts';

/** What the parts of one request's encoding share: the target, and what it cannot express. */
export interface Encoding {
  readonly target: EncodeTarget;
  /** Major version of the Gemini model. */
  readonly generation: number;
  readonly warnings: Warning[];
}

/** A fresh encoding for a target. */
export function encodingFor(target: EncodeTarget): Encoding {
  return { target, generation: generationOf(target), warnings: [] };
}

/** Notes what the target cannot express; the same thing at the same place only once. */
export function warn(encoding: Encoding, code: WarningCode, field: string, message: string): void {
  const known = encoding.warnings.some((warning) => warning.field === field && warning.message === message);
  if (!known) encoding.warnings.push({ code, field, message });
}
