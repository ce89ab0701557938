import { asNumber, asString, field, fieldAt, isObject, type Json } from '../../base/json.ts';
import type { OpaqueState } from '../../spec/generate.ts';
import type { BlockStart, StreamPart } from '../../spec/stream.ts';
import { argumentsText } from './answer-decode.ts';
import { OPENAI_CHAT } from './id.ts';
import { mintCallId } from './names.ts';
import { readExtraContent } from './state.ts';

/**
 * Puts the tool calls of a stream together from their fragments. The wire's rule is one `index` for each call, with id and
 * name in its first fragment. What providers do besides: no index at all (vercel/ai issue 7238, ollama issue 7881), index 0
 * for every call (Google's OpenAI endpoint), an empty id (vercel/ai issue 7834), the id and name repeated in every
 * fragment, the name after the id. So a second id, or a second name, on the same index opens a new call.
 */
export class ToolCalls {
  readonly #answerId: string;
  readonly #nameOf: (name: string) => string;
  readonly #open: (block: BlockStart) => number;
  readonly #calls: Call[] = [];
  readonly #customs = new Map<number, CustomCall>();

  constructor(answerId: string, nameOf: (name: string) => string, open: (block: BlockStart) => number) {
    this.#answerId = answerId;
    this.#nameOf = nameOf;
    this.#open = open;
  }

  /** What a fragment adds; the block itself is opened through `open` as soon as its name is known. */
  read(fragment: Json): readonly StreamPart[] {
    if (isObject(field(fragment, 'custom')) && filled(fieldAt(fragment, 'function', 'name')) === '') {
      this.#readCustom(fragment);
      return [];
    }
    const definition = field(fragment, 'function');
    const seen: Seen = {
      wireIndex: asNumber(field(fragment, 'index')) ?? null,
      id: filled(field(fragment, 'id')),
      name: filled(field(definition, 'name')),
    };
    const call = this.#callOf(seen);
    if (call.wireId === '') call.wireId = seen.id;
    if (call.name === '') call.name = seen.name;
    call.opaque = readExtraContent(fragment) ?? call.opaque;
    const text = argumentsText(definition);
    if (call.name === '') {
      call.waiting += text;
      return [];
    }
    const whole = call.waiting + text;
    call.waiting = '';
    const index = this.#blockOf(call);
    return whole === '' ? [] : [{ type: 'tool-input-delta', index, text: whole }];
  }

  /** Whether a call has begun that is told only when its name comes, or when it is whole. */
  get holds(): boolean {
    return this.#customs.size > 0 || this.#calls.some(({ block }) => block === null);
  }

  /** Calls of custom tools, whole: only this wire knows them, so they become native blocks. */
  customs(): readonly StreamPart[] {
    return [...this.#customs.values()].map(({ id, name, input }): StreamPart => {
      const value = { id, type: 'custom', custom: { name, input } };
      const index = this.#open({ type: 'native', native: { origin: OPENAI_CHAT, value } });
      return { type: 'block-end', index };
    });
  }

  /** Closes all calls. State of the whole message belongs to the first call where that has none of its own. */
  end(messageState: OpaqueState | undefined): readonly StreamPart[] {
    const opened = this.#calls.filter((call) => call.block !== null);
    return opened.map((call, place): StreamPart => {
      const opaque = call.opaque ?? (place === 0 ? messageState : undefined);
      return { type: 'block-end', index: call.block ?? 0, ...(opaque === undefined ? {} : { opaque }) };
    });
  }

  #readCustom(fragment: Json): void {
    const place = asNumber(field(fragment, 'index')) ?? this.#customs.size;
    const call = this.#customs.get(place) ?? { id: '', name: '', input: '' };
    this.#customs.set(place, {
      id: call.id || filled(field(fragment, 'id')),
      name: call.name || filled(fieldAt(fragment, 'custom', 'name')),
      input: call.input + filled(fieldAt(fragment, 'custom', 'input')),
    });
  }

  #callOf(seen: Seen): Call {
    const known = this.#calls.findLast((call) =>
      seen.wireIndex === null ? seen.id === '' || call.wireId === seen.id : call.wireIndex === seen.wireIndex,
    );
    if (known !== undefined && !isAnother(known, seen)) return known;
    const call: Call = {
      wireIndex: seen.wireIndex,
      wireId: '',
      name: '',
      waiting: '',
      block: null,
      opaque: undefined,
    };
    this.#calls.push(call);
    return call;
  }

  #blockOf(call: Call): number {
    if (call.block === null) {
      const place = this.#calls.indexOf(call);
      const id = call.wireId === '' ? mintCallId(this.#answerId, place, call.name) : call.wireId;
      call.block = this.#open({ type: 'tool-call', id, name: this.#nameOf(call.name) });
    }
    return call.block;
  }
}

interface CustomCall {
  readonly id: string;
  readonly name: string;
  readonly input: string;
}

interface Seen {
  readonly wireIndex: number | null;
  readonly id: string;
  readonly name: string;
}

interface Call {
  readonly wireIndex: number | null;
  wireId: string;
  name: string;
  /** Arguments that came before the name. */
  waiting: string;
  block: number | null;
  opaque: OpaqueState | undefined;
}

function filled(value: Json | undefined): string {
  return asString(value) ?? '';
}

function isAnother(call: Call, seen: Seen): boolean {
  if (seen.id !== '' && call.wireId !== '') return seen.id !== call.wireId;
  if (seen.name === '' || call.name === '') return false;
  // Without ids a repeated name is a second call; beside an id it may be a repetition.
  return call.wireId === '' || seen.name !== call.name;
}
