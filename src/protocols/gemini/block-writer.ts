import { asString, field } from '../../base/json.ts';
import type { AssistantPart, MediaPart, NativeValue, OpaqueState } from '../../spec/generate.ts';
import type { BlockStart, StreamPart } from '../../spec/stream.ts';
import { PartialArguments } from './partial-arguments.ts';
import { readSignature } from './signature.ts';

/**
 * Blocks of a stream, written from Google's whole parts. Texts of one kind that follow each other are one block, open
 * until another kind comes or a signature closes it; every other part is a block of its own.
 */
export class BlockWriter {
  #out: StreamPart[] = [];
  #index = -1;
  #open: OpenBlock | null = null;

  /** What was written since the last call. */
  take(): readonly StreamPart[] {
    const out = this.#out;
    this.#out = [];
    return out;
  }

  write(part: AssistantPart, logprobs?: NativeValue): void {
    switch (part.type) {
      case 'text':
        return this.#text(part.text, part.opaque, logprobs);
      case 'reasoning':
        return this.#reasoning(part.text ?? '', part.opaque);
      case 'tool-call':
        this.#start(callStart(part.id, part.name, part.opaque));
        this.#input(part.arguments);
        return this.close(part.opaque);
      case 'media':
        return this.#media(part);
      case 'native':
        this.#start({ type: 'native', native: { origin: part.origin, value: part.value } });
        return this.close();
      case 'refusal':
        // This wire has no refusals, so its decoder makes none.
        return;
    }
  }

  /** Opens a call whose arguments come in pieces. */
  startPartialCall(id: string, name: string, opaque: OpaqueState | undefined): void {
    this.#start(callStart(id, name, opaque));
    if (this.#open !== null) this.#open = { ...this.#open, opaque, input: new PartialArguments() };
  }

  /** The pieces that the open call collects; null where none is open. */
  get partialArguments(): PartialArguments | null {
    return this.#open?.input ?? null;
  }

  /** Attaches sources to the open text; there is no place for them elsewhere. */
  cite(citation: NativeValue): void {
    if (this.#open?.block.type !== 'text') return;
    this.#out.push({ type: 'citation', index: this.#index, citation });
  }

  /** Closes the open block, if one is open. */
  close(opaque?: OpaqueState): void {
    const open = this.#open;
    if (open === null) return;
    if (open.input !== null) this.#input(open.input.text());
    const state = opaque ?? open.opaque;
    const signed = state === undefined ? {} : { opaque: state };
    this.#out.push({ type: 'block-end', index: this.#index, ...signed });
    this.#open = null;
  }

  // The last event often holds an empty text; it opens no block of its own unless it is signed.
  #text(text: string, opaque: OpaqueState | undefined, logprobs: NativeValue | undefined): void {
    if (text === '' && opaque === undefined) return;
    this.#continue('text');
    const measured = logprobs === undefined ? {} : { logprobs };
    if (text !== '') this.#out.push({ type: 'text-delta', index: this.#index, text, ...measured });
    if (opaque !== undefined) this.close(opaque);
  }

  #reasoning(text: string, opaque: OpaqueState | undefined): void {
    if (text === '' && opaque === undefined) return;
    this.#continue('reasoning');
    if (text !== '') this.#out.push({ type: 'reasoning-delta', index: this.#index, text });
    if (opaque !== undefined) this.close(opaque);
  }

  // Images that Gemini made are signed, too; the signature stands among the other fields of the part.
  #media(part: MediaPart): void {
    if (part.source.type !== 'base64') return;
    this.#start({ type: 'media', mediaType: part.mediaType, data: part.source.data });
    const signature = asString(field(part.extra?.value, 'thoughtSignature'));
    this.close(signature === undefined ? undefined : readSignature(signature));
  }

  #input(text: string): void {
    if (text !== '') this.#out.push({ type: 'tool-input-delta', index: this.#index, text });
  }

  #continue(type: 'text' | 'reasoning'): void {
    if (this.#open?.block.type !== type) this.#start({ type });
  }

  #start(block: BlockStart): void {
    this.close();
    this.#index += 1;
    this.#open = { block, opaque: undefined, input: null };
    this.#out.push({ type: 'block-start', index: this.#index, block });
  }
}

function callStart(id: string, name: string, opaque: OpaqueState | undefined): BlockStart {
  return { type: 'tool-call', id, name, ...(opaque === undefined ? {} : { opaque }) };
}

interface OpenBlock {
  readonly block: BlockStart;
  readonly opaque: OpaqueState | undefined;
  /** Arguments that come in pieces. */
  readonly input: PartialArguments | null;
}
