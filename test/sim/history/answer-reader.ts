import { bytesToTextStrict, type Bytes } from '../../../src/base/bytes.ts';
import { brandText } from '../../../src/base/brand.ts';

/** A call of a tool as a client puts it together. */
export interface ReadTool {
  readonly id: string;
  readonly name: string;
  args: string;
}

/** Something in an answer that a strict client would stumble over, and the invariant that it breaks. */
export interface Problem {
  readonly id: 'C1' | 'C2' | 'C5' | 'C7';
  readonly what: string;
}

/**
 * Reads an answer as a strict client of the wire would, incrementally, and notes everything that such a client would
 * stumble over. An independent reading: it shares no code with the gateway's codecs.
 */
export class AnswerReader {
  text = '';
  readonly tools: ReadTool[] = [];
  /** Why it ended, in the wire's word; null until told. */
  finish: string | null = null;
  /** Whether the wire's own end came. */
  terminated = false;
  /** Whether an error was told, in the stream or as the whole answer. */
  error: string | null = null;
  streamed = false;
  events = 0;
  usage: { input: number; output: number } | null = null;
  usages = 0;
  readonly problems: Problem[] = [];
  readonly #surface: 'chat' | 'messages';
  #tail = '';
  #id: string | null = null;
  #model: string | null = null;
  #roles = 0;
  #openBlock = -1;
  #blocks = 0;

  constructor(surface: 'chat' | 'messages') {
    this.#surface = surface;
  }

  /** Whether anything came that a person or program would miss. */
  get hasContent(): boolean {
    return this.text !== '' || this.tools.length > 0;
  }

  problem(id: Problem['id'], what: string): void {
    this.problems.push({ id, what });
  }

  /** Takes a piece of a stream. */
  push(bytes: Bytes): void {
    this.streamed = true;
    const joined = this.#tail + bytes;
    const pieces = joined.split('\n\n');
    this.#tail = pieces.pop() ?? '';
    for (const piece of pieces) this.#event(piece);
  }

  /** The stream is over. */
  over(): void {
    if (this.#tail.trim() !== '') this.problem('C2', 'the stream ended inside an event');
  }

  /** Takes an answer that is not streamed. */
  whole(text: string): void {
    const body = JSON.parse(text);
    if (body.error !== undefined) this.error = String(body.error.type ?? body.error.code ?? 'error');
    else if (this.#surface === 'chat') this.#wholeChat(body);
    else this.#wholeMessage(body);
  }

  #event(raw: string): void {
    const text = bytesToTextStrict(brandText<Bytes>(raw));
    if (text === null) {
      this.problem('C1', 'an event is not valid UTF-8');
      return;
    }
    const data = text
      .split('\n')
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice(5).trimStart())
      .join('\n');
    if (data === '') return;
    this.events += 1;
    if (this.terminated) this.problem('C2', 'an event behind the end');
    if (this.error !== null) this.problem('C2', 'an event behind the error');
    if (data === '[DONE]') {
      this.terminated = true;
      return;
    }
    this.#payload(data);
  }

  #payload(data: string): void {
    try {
      const payload = JSON.parse(data);
      if (this.#surface === 'chat') this.#chat(payload);
      else this.#message(payload);
    } catch {
      this.problem('C2', `an event that is not JSON: ${data.slice(0, 60)}`);
    }
  }

  #chat({ error, id, model, usage, choices }: ChatEvent): void {
    if (error !== undefined) {
      this.error = String(error.code ?? error.type ?? 'error');
      return;
    }
    this.#same(id, model);
    if (usage) this.#used(usage.prompt_tokens, usage.completion_tokens);
    const [choice] = choices ?? [];
    if (choice === undefined) return;
    this.#chatDelta(choice.delta ?? {});
    if (choice.finish_reason) this.#finished(choice.finish_reason);
  }

  #chatDelta({ role, content, tool_calls: calls }: ChatDelta): void {
    if (role) this.#role(role);
    if (this.finish !== null && (content || calls)) this.problem('C2', 'content behind the finish');
    this.text += content ?? '';
    for (const call of calls ?? []) this.#chatTool(call);
  }

  #chatTool({ index, id, function: called }: ChatToolDelta): void {
    const args = called?.arguments ?? '';
    const known = this.tools[index];
    if (known === undefined) {
      if (index !== this.tools.length) this.problem('C5', `a tool call with the index ${index}`);
      if (!id) this.problem('C5', 'a tool call without an id');
      this.tools.push({ id: id ?? '', name: called?.name ?? '', args });
      return;
    }
    if (id && id !== known.id) this.problem('C5', `the id of a tool call changed from ${known.id} to ${id}`);
    known.args += args;
  }

  #message(event: MessageEvent): void {
    switch (event.type) {
      case 'message_start':
        this.#same(event.message.id, event.message.model);
        this.#role(event.message.role);
        return;
      case 'content_block_start':
        this.#openMessageBlock(event.index, event.content_block);
        return;
      case 'content_block_delta':
        this.#messageDelta(event.index, event.delta);
        return;
      case 'content_block_stop':
        if (event.index !== this.#openBlock) this.problem('C2', 'a block that was not open stopped');
        this.#openBlock = -1;
        return;
      case 'message_delta':
        this.#messageEnd(event);
        return;
      case 'message_stop':
        this.terminated = true;
        return;
      case 'error':
        this.error = event.error.type;
        return;
      case 'ping':
        return;
      default:
        this.problem('C2', `an unknown event ${JSON.stringify(event)}`);
    }
  }

  #openMessageBlock(index: number, block: MessageBlock): void {
    if (this.#openBlock >= 0) this.problem('C2', 'a block began inside a block');
    if (index !== this.#blocks)
      this.problem('C2', `a block with the index ${index} instead of ${this.#blocks}`);
    this.#blocks += 1;
    this.#openBlock = index;
    if (block.type === 'tool_use') this.tools.push({ id: block.id, name: block.name, args: '' });
    else this.text += block.text;
  }

  #messageDelta(index: number, delta: MessageBlockDelta): void {
    if (index !== this.#openBlock) this.problem('C2', 'a piece of a block that is not open');
    if (delta.type === 'text_delta') {
      this.text += delta.text;
      return;
    }
    const tool = this.tools.at(-1);
    if (tool !== undefined) tool.args += delta.partial_json;
  }

  #messageEnd({ delta, usage }: Extract<MessageEvent, { type: 'message_delta' }>): void {
    if (this.#openBlock >= 0) this.problem('C2', 'the finish came inside a block');
    if (usage !== undefined) this.#used(0, usage.output_tokens);
    if (delta.stop_reason !== null) this.#finished(delta.stop_reason);
  }

  #same(id: unknown, model: unknown): void {
    this.#id ??= String(id);
    this.#model ??= String(model);
    if (this.#id !== id) this.problem('C7', `the id changed from ${this.#id} to ${String(id)}`);
    if (this.#model !== model)
      this.problem('C7', `the model changed from ${this.#model} to ${String(model)}`);
  }

  #role(role: unknown): void {
    this.#roles += 1;
    if (role !== 'assistant') this.problem('C7', `the role ${String(role)}`);
    if (this.#roles > 1) this.problem('C7', 'the role was told twice');
  }

  #finished(reason: string): void {
    if (this.finish !== null) this.problem('C2', 'the finish was told twice');
    this.finish = reason;
  }

  #used(input: number, output: number): void {
    this.usages += 1;
    this.usage = { input, output };
  }

  #wholeChat({ choices: [choice], usage }: WholeChat): void {
    this.text = choice?.message.content ?? '';
    for (const { id, function: called } of choice?.message.tool_calls ?? [])
      this.tools.push({ id, name: called.name, args: called.arguments });
    this.finish = choice?.finish_reason ?? null;
    this.#used(usage.prompt_tokens, usage.completion_tokens);
    this.terminated = true;
  }

  #wholeMessage({ content, stop_reason: reason, usage }: WholeMessage): void {
    for (const block of content) {
      if (block.type === 'text') this.text += block.text;
      else this.tools.push({ id: block.id, name: block.name, args: JSON.stringify(block.input) });
    }
    this.finish = reason;
    this.#used(usage.input_tokens, usage.output_tokens);
    this.terminated = true;
  }
}

interface ChatUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
}

interface ChatEvent {
  readonly error?: { readonly code?: string | null; readonly type?: string };
  readonly id: string;
  readonly model: string;
  readonly usage?: ChatUsage | null;
  readonly choices?: readonly { readonly delta?: ChatDelta; readonly finish_reason?: string | null }[];
}

interface ChatDelta {
  readonly role?: string | null;
  readonly content?: string | null;
  readonly tool_calls?: readonly ChatToolDelta[];
}

interface ChatToolDelta {
  readonly index: number;
  readonly id?: string | null;
  readonly function?: { readonly name?: string; readonly arguments?: string };
}

type MessageBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: unknown };

type MessageBlockDelta =
  | { readonly type: 'text_delta'; readonly text: string }
  | { readonly type: 'input_json_delta'; readonly partial_json: string };

type MessageEvent =
  | {
      readonly type: 'message_start';
      readonly message: { readonly id: string; readonly model: string; readonly role: string };
    }
  | { readonly type: 'content_block_start'; readonly index: number; readonly content_block: MessageBlock }
  | { readonly type: 'content_block_delta'; readonly index: number; readonly delta: MessageBlockDelta }
  | { readonly type: 'content_block_stop'; readonly index: number }
  | {
      readonly type: 'message_delta';
      readonly delta: { readonly stop_reason: string | null };
      readonly usage?: { readonly output_tokens: number };
    }
  | { readonly type: 'message_stop' | 'ping' }
  | { readonly type: 'error'; readonly error: { readonly type: string } };

interface WholeChat {
  readonly choices: readonly {
    readonly message: {
      readonly content: string | null;
      readonly tool_calls?: readonly {
        readonly id: string;
        readonly function: { readonly name: string; readonly arguments: string };
      }[];
    };
    readonly finish_reason: string;
  }[];
  readonly usage: ChatUsage;
}

interface WholeMessage {
  readonly content: readonly MessageBlock[];
  readonly stop_reason: string;
  readonly usage: { readonly input_tokens: number; readonly output_tokens: number };
}
