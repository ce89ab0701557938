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
  const calls: { name: string; args: string }[] = [];
  for (const data of dataOf(body)) {
    if (view.terminators > 0) view.trailing = true;
    if (data === '[DONE]') {
      view.terminators += 1;
      continue;
    }
    const event = JSON.parse(data) as Loose;
    if ('error' in event) {
      view.error = true;
      continue;
    }
    view.names.add(`${String(event['id'])} ${String(event['model'])} ${String(event['created'])}`);
    const choices = (event['choices'] ?? []) as readonly Loose[];
    for (const choice of choices) {
      const delta = (choice['delta'] ?? {}) as Loose;
      view.text += words(delta['content']);
      view.reasoning += words(delta['reasoning_content'] ?? delta['reasoning']);
      for (const call of (delta['tool_calls'] ?? []) as readonly Loose[]) {
        const at = Number(call['index'] ?? 0);
        const made = (calls[at] ??= { name: '', args: '' });
        const fn = (call['function'] ?? {}) as Loose;
        made.name += words(fn['name']);
        made.args += words(fn['arguments']);
      }
      const finish = choice['finish_reason'];
      if (typeof finish === 'string') view.finishes.push(finish);
    }
  }
  return { ...view, calls: calls.map(({ name, args }) => `${name} ${args}`) };
}

/** Reads an Anthropic stream as the official client library would. */
export function messagesView(body: string): ClientView {
  const view = emptyView();
  const calls: string[] = [];
  let open: number | null = null;
  for (const data of dataOf(body)) {
    if (view.terminators > 0) view.trailing = true;
    const event = JSON.parse(data) as Loose;
    const delta = (event['delta'] ?? {}) as Loose;
    switch (event['type']) {
      case 'message_start': {
        const message = event['message'] as Loose;
        view.names.add(`${String(message['id'])} ${String(message['model'])}`);
        break;
      }
      case 'content_block_start': {
        if (open !== null)
          throw new Error(`a block begins before the one before it has ended: ${body.slice(-1500)}`);
        open = Number(event['index']);
        const block = event['content_block'] as Loose;
        if (block['type'] === 'tool_use') calls.push(`${words(block['name'])} `);
        break;
      }
      case 'content_block_delta':
        if (Number(event['index']) !== open) throw new Error('a delta of a block that is not open');
        view.text += words(delta['text']);
        view.reasoning += words(delta['thinking']);
        if (delta['type'] === 'input_json_delta')
          calls.push(`${calls.pop() ?? ''}${words(delta['partial_json'])}`);
        break;
      case 'content_block_stop':
        if (Number(event['index']) !== open) throw new Error('the end of a block that is not open');
        open = null;
        break;
      case 'message_delta':
        if (typeof delta['stop_reason'] === 'string') view.finishes.push(delta['stop_reason']);
        break;
      case 'message_stop':
        view.terminators += 1;
        break;
      case 'error':
        view.error = true;
        break;
      default:
        break;
    }
  }
  return { ...view, calls };
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
