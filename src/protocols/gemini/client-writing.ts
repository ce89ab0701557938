import type { PartWriting } from './answer-parts.ts';
import { isMintedCallId } from './names.ts';
import { writeSignature } from './signature.ts';

/** How parts are written towards a Gemini client: foreign state wrapped, ids of our own making left out. */
export const CLIENT_WRITING: PartWriting = {
  signature: writeSignature,
  callId: (id) => (isMintedCallId(id) ? undefined : id),
  toolName: (name) => name,
  brokenArguments: () => undefined,
};
