import type { Bytes } from '../../base/bytes.ts';
import type { TopLevel } from '../../base/json-scan.ts';
import type { EncodeTarget, Passthrough } from '../protocol.ts';
import { GeminiListener } from './listener.ts';
import { generationOf, modelResource } from './model-name.ts';
import { WRAPPED_START } from './signature.ts';

/** A Gemini client in front of Gemini: the model stands in the path, so the body goes through byte for byte. */
export const passthrough: Passthrough = {
  edits,
  listener: () => new GeminiListener(),
};

function edits(
  body: TopLevel,
  _stream: boolean,
  target: EncodeTarget,
): { readonly [field: string]: string | null } | null {
  if (needsTranslation(body.source, target)) return null;
  return body.spans.has('model') ? { model: JSON.stringify(modelResource(target.model)) } : {};
}

// Such a body is decoded and encoded: what it says is right for some Gemini model, but not for this one.
function needsTranslation(source: Bytes, target: EncodeTarget): boolean {
  // State of another provider that a client carried for us must be taken out, and refused fields may lie deep.
  if (source.includes(`"${WRAPPED_START}`) || target.quirks.refusedFields.length > 0) return true;
  // A history of Gemini 2 has no signatures, which Gemini 3 demands; Gemini 2 knows no thinking levels.
  if (generationOf(target) >= 3) return CALL.test(source) && !SIGNATURE.test(source);
  return THINKING_LEVEL.test(source);
}

const CALL = /"function_?[cC]all"/;
const SIGNATURE = /"thought_?[sS]ignature"/;
const THINKING_LEVEL = /"thinking_?[lL]evel"/;
