import type { OpaqueState } from '../../spec/generate.ts';
import { unwrapOpaque, wrapOpaque } from '../opaque.ts';
import { base64ToText, textToBase64 } from './base64.ts';
import { GEMINI } from './id.ts';

/**
 * The value that Google documents for histories without signatures, such as those of another model: Gemini 3 then skips
 * the check that the first call of each step carries its own (ai.google.dev/gemini-api/docs/thought-signatures).
 */
export const SKIP_SIGNATURE = 'skip_thought_signature_validator';

/** The letters with which every wrapped foreign state begins once it is base64; for a search in a raw body. */
export const WRAPPED_START = 'Z3cxL';

/** State as a `thoughtSignature` for a Gemini client: our own as it is, foreign state wrapped. */
export function writeSignature(state: OpaqueState): string {
  // The field is of type bytes and Google's Python and Go clients decode it, so the wrapped text must be base64 too.
  return state.origin === GEMINI ? state.value : textToBase64(wrapOpaque(state));
}

/** The state behind a `thoughtSignature`: Gemini's own, or what `writeSignature` wrapped. */
export function readSignature(signature: string): OpaqueState {
  const text = signature.startsWith(WRAPPED_START) ? base64ToText(signature) : null;
  const foreign = text === null ? null : unwrapOpaque(text);
  return foreign ?? { origin: GEMINI, value: signature };
}
