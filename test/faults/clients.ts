import {
  asArray,
  asString,
  field,
  fieldAt,
  isObject,
  parseJsonOr,
  type Json,
  type JsonObject,
} from '../../src/base/json.ts';

/** The wires on which the callers of these tests speak. */
export const CLIENT_WIRES = ['chat', 'messages'] as const;
export type ClientWire = (typeof CLIENT_WIRES)[number];

/** What a caller received. */
export interface Received {
  readonly status: number;
  readonly requestId: string;
  /** The whole of it, for searches. */
  readonly raw: string;
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly arguments: Json }[];
  readonly finish: string | null;
  /** Errors that it was told, as the envelope's type or code. */
  readonly errors: readonly string[];
  /** How often a stream ended as its wire ends; 1 for an answer that is not streamed. */
  readonly ends: number;
  /** Whether the connection broke. */
  readonly cut: boolean;
}

export interface Question {
  readonly url: string;
  readonly key: string;
  readonly model: string;
  readonly wire: ClientWire;
  readonly streamed: boolean;
  readonly tools: boolean;
}

/** Asks the gateway as a client of this wire would, and reads all of the answer. */
export async function ask(question: Question): Promise<Received> {
  const { url, key, model, wire, streamed, tools } = question;
  const response = await fetch(`${url}/v1/${wire === 'chat' ? 'chat/completions' : 'messages'}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model,
      max_tokens: 1000,
      messages: [{ role: 'user', content: 'Say hello.' }],
      ...(streamed ? { stream: true } : {}),
      ...(tools ? { tools: [TOOLS[wire]] } : {}),
    }),
  });
  const { raw, cut } = await readAll(response);
  const requestId = response.headers.get('x-bellwether-request-id') ?? '';
  const type = response.headers.get('content-type') ?? '';
  const said = type.includes('event-stream') ? readEvents(raw, wire) : readWhole(raw, wire);
  return { status: response.status, requestId, raw, cut, ...said };
}

const SCHEMA = { type: 'object', properties: { city: { type: 'string' } } };
const TOOLS = {
  chat: { type: 'function', function: { name: 'look_up', parameters: SCHEMA } },
  messages: { name: 'look_up', input_schema: SCHEMA },
} as const;

async function readAll(response: Response): Promise<{ raw: string; cut: boolean }> {
  const decoder = new TextDecoder();
  let raw = '';
  if (response.body === null) return { raw, cut: false };
  try {
    for await (const bytes of response.body) raw += decoder.decode(bytes, { stream: true });
    return { raw, cut: false };
  } catch {
    return { raw, cut: true };
  }
}

type Said = Omit<Received, 'status' | 'requestId' | 'raw' | 'cut'>;

function readWhole(raw: string, wire: ClientWire): Said {
  const body = parseJsonOr(raw, null);
  const error = field(body, 'error');
  if (isObject(error)) return { ...NOTHING, errors: [asString(error['type']) ?? 'untyped'] };
  return { ...(wire === 'chat' ? wholeChat(body) : wholeMessage(body)), errors: [], ends: 1 };
}

const NOTHING: Said = { text: '', calls: [], finish: null, errors: [], ends: 0 };

function wholeChat(body: Json): Pick<Said, 'text' | 'calls' | 'finish'> {
  const [choice] = asArray(field(body, 'choices'));
  const message = field(choice, 'message');
  return {
    text: asString(field(message, 'content')) ?? '',
    calls: asArray(field(message, 'tool_calls')).map((call) => callOf(field(call, 'function'), 'arguments')),
    finish: asString(field(choice, 'finish_reason')) ?? null,
  };
}

function wholeMessage(body: Json): Pick<Said, 'text' | 'calls' | 'finish'> {
  const blocks = asArray(field(body, 'content'));
  return {
    text: blocks.map((block) => asString(field(block, 'text')) ?? '').join(''),
    calls: blocks
      .filter((block) => field(block, 'type') === 'tool_use')
      .map((block) => callOf(block, 'input')),
    finish: asString(field(body, 'stop_reason')) ?? null,
  };
}

function callOf(call: Json | undefined, name: string): { name: string; arguments: Json } {
  const told = field(call, name) ?? null;
  return {
    name: asString(field(call, 'name')) ?? '',
    arguments: typeof told === 'string' ? parseJsonOr(told, `not JSON: ${told}`) : told,
  };
}

// A reader of its own, after the rules of the HTML standard, so that our decoder does not judge itself.
function readEvents(raw: string, wire: ClientWire): Said {
  const events = raw
    .replace(/^\ufeff/, '')
    .split(/\r\n\r\n|\n\n/)
    .map((text) =>
      text
        .split(/\r\n|\n/)
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5).trimStart())
        .join('\n'),
    )
    .filter((data) => data !== '');
  const reader = new EventReader(wire);
  for (const data of events) reader.read(data);
  return reader.said;
}

class EventReader {
  readonly #wire: ClientWire;
  readonly #calls = new Map<string, { name: string; text: string }>();
  #text = '';
  #finish: string | null = null;
  readonly #errors: string[] = [];
  #ends = 0;

  constructor(wire: ClientWire) {
    this.#wire = wire;
  }

  get said(): Said {
    const calls = [...this.#calls.values()].map(({ name, text }) =>
      callOf({ name, arguments: text }, 'arguments'),
    );
    return { text: this.#text, calls, finish: this.#finish, errors: this.#errors, ends: this.#ends };
  }

  read(data: string): void {
    if (data === '[DONE]') {
      this.#ends += 1;
      return;
    }
    const json = parseJsonOr(data, null);
    if (!isObject(json)) {
      this.#errors.push(`not JSON: ${data}`);
      return;
    }
    const error = json['error'];
    if (isObject(error)) this.#errors.push(asString(error['type']) ?? 'untyped');
    else if (this.#wire === 'chat') this.#readChunk(json);
    else this.#readMessageEvent(json);
  }

  #readChunk(json: JsonObject): void {
    const [choice] = asArray(json['choices']);
    const delta = field(choice, 'delta');
    this.#text += asString(field(delta, 'content')) ?? '';
    this.#finish ??= asString(field(choice, 'finish_reason')) ?? null;
    for (const call of asArray(field(delta, 'tool_calls'))) {
      this.#addCall(
        field(call, 'index'),
        fieldAt(call, 'function', 'name'),
        fieldAt(call, 'function', 'arguments'),
      );
    }
  }

  #readMessageEvent(json: JsonObject): void {
    if (json['type'] === 'message_stop') this.#ends += 1;
    const delta = json['delta'];
    this.#text += asString(field(delta, 'text')) ?? '';
    this.#finish ??= asString(field(delta, 'stop_reason')) ?? null;
    const block = json['content_block'];
    if (field(block, 'type') === 'tool_use') this.#addCall(json['index'], field(block, 'name'), '');
    const part = asString(field(delta, 'partial_json'));
    if (part !== undefined) this.#addCall(json['index'], undefined, part);
  }

  #addCall(index: Json | undefined, name: Json | undefined, text: Json | undefined): void {
    const key = JSON.stringify(index);
    const call = this.#calls.get(key) ?? { name: '', text: '' };
    this.#calls.set(key, {
      name: call.name || (asString(name) ?? ''),
      text: call.text + (asString(text) ?? ''),
    });
  }
}
