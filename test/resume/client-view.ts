/** What a client made of a stream: everything that a person or a program would miss, and what must never change. */
export interface ClientView {
  readonly text: string;
  readonly reasoning: string;
  /** Tool calls in order: name and arguments. */
  readonly calls: readonly string[];
  readonly finishes: readonly string[];
  /** Values of id, model and creation time that stood in its events. */
  readonly names: ReadonlySet<string>;
  readonly error: boolean;
  /** Whether anything stood behind the end. */
  readonly trailing: boolean;
  readonly terminators: number;
}

interface Loose {
  readonly [name: string]: unknown;
}

/** Reads a chat stream as the official client library would. */
export function chatView(body: string): ClientView {
  const view = emptyView();
  const calls: Call[] = [];
  for (const data of dataOf(body)) {
    if (view.terminators > 0) view.trailing = true;
    if (data === '[DONE]') view.terminators += 1;
    else readChunk(JSON.parse(data) as Loose, view, calls);
  }
  return { ...view, calls: calls.map(({ name, args }) => `${name} ${args}`) };
}

interface Call {
  name: string;
  args: string;
}

function readChunk(event: Loose, view: View, calls: Call[]): void {
  if ('error' in event) {
    view.error = true;
    return;
  }
  view.names.add(`${String(event['id'])} ${String(event['model'])} ${String(event['created'])}`);
  for (const choice of listOf(event['choices'])) {
    const delta = objectOf(choice['delta']);
    view.text += words(delta['content']);
    view.reasoning += words(delta['reasoning_content'] ?? delta['reasoning']);
    for (const call of listOf(delta['tool_calls'])) readCall(call, calls);
    if (typeof choice['finish_reason'] === 'string') view.finishes.push(choice['finish_reason']);
  }
}

function readCall(call: Loose, calls: Call[]): void {
  const made = (calls[Number(call['index'] ?? 0)] ??= { name: '', args: '' });
  const fn = objectOf(call['function']);
  made.name += words(fn['name']);
  made.args += words(fn['arguments']);
}

/** Reads an Anthropic stream as the official client library would. */
export function messagesView(body: string): ClientView {
  const view = emptyView();
  const reader = new MessageReader(view);
  for (const data of dataOf(body)) {
    if (view.terminators > 0) view.trailing = true;
    reader.read(JSON.parse(data) as Loose);
  }
  return { ...view, calls: reader.calls };
}

class MessageReader {
  readonly calls: string[] = [];
  readonly #view: View;
  #open: number | null = null;

  constructor(view: View) {
    this.#view = view;
  }

  read(event: Loose): void {
    const view = this.#view;
    const delta = objectOf(event['delta']);
    const readers: { readonly [type: string]: (() => void) | undefined } = {
      message_start: () => {
        const message = objectOf(event['message']);
        view.names.add(`${String(message['id'])} ${String(message['model'])}`);
      },
      content_block_start: () => this.#begin(event),
      content_block_delta: () => this.#grow(event, delta),
      content_block_stop: () => {
        this.#mustBeOpen(event);
        this.#open = null;
      },
      message_delta: () => {
        if (typeof delta['stop_reason'] === 'string') view.finishes.push(delta['stop_reason']);
      },
      message_stop: () => {
        view.terminators += 1;
      },
      error: () => {
        view.error = true;
      },
    };
    readers[String(event['type'])]?.();
  }

  #begin(event: Loose): void {
    if (this.#open !== null) throw new Error('a block begins before the one before it has ended');
    this.#open = Number(event['index']);
    const block = objectOf(event['content_block']);
    if (block['type'] === 'tool_use') this.calls.push(`${words(block['name'])} `);
  }

  #grow(event: Loose, delta: Loose): void {
    this.#mustBeOpen(event);
    this.#view.text += words(delta['text']);
    this.#view.reasoning += words(delta['thinking']);
    if (delta['type'] === 'input_json_delta')
      this.calls.push(`${this.calls.pop() ?? ''}${words(delta['partial_json'])}`);
  }

  #mustBeOpen(event: Loose): void {
    if (Number(event['index']) !== this.#open) throw new Error('a part of a block that is not open');
  }
}

type View = ReturnType<typeof emptyView>;

function objectOf(value: unknown): Loose {
  return (value ?? {}) as Loose;
}

function listOf(value: unknown): readonly Loose[] {
  return (value ?? []) as readonly Loose[];
}

function emptyView() {
  return {
    text: '',
    reasoning: '',
    finishes: [] as string[],
    names: new Set<string>(),
    error: false,
    trailing: false,
    terminators: 0,
  };
}

function dataOf(body: string): readonly string[] {
  return body
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice('data:'.length).trimStart());
}

function words(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
