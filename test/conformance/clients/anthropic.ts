import AnthropicNew from '@anthropic-ai/sdk';
import AnthropicOld from 'anthropic-sdk-0';
import {
  failureOf,
  type Answer,
  type Client,
  type Conversation,
  type Attachment,
  type Setup,
} from './client.ts';

/** `@anthropic-ai/sdk` 1.x: bearer token, API version of October 2026. */
export const anthropicSdk = anthropicClient('@anthropic-ai/sdk', AnthropicNew);
/** `@anthropic-ai/sdk` 0.x: `x-api-key`, API version 2023-06-01. What these scenarios use of it has the same types. */
export const anthropicSdk0 = anthropicClient('@anthropic-ai/sdk 0.x', AnthropicOld as unknown as Sdk);

type Sdk = typeof AnthropicNew;
type Request = AnthropicNew.MessageCreateParamsNonStreaming;

function anthropicClient(name: string, sdk: Sdk): Client {
  return {
    name,
    wire: 'anthropic',
    reasoning: { whole: true, streamed: true },
    converse: (setup) => new AnthropicConversation(sdk, setup),
    failure: (error) => failureOf(error),
  };
}

class AnthropicConversation implements Conversation {
  readonly #setup: Setup;
  readonly #client: AnthropicNew;
  readonly #messages: AnthropicNew.MessageParam[] = [];
  #calls: Answer['calls'] = [];

  constructor(sdk: Sdk, setup: Setup) {
    this.#setup = setup;
    this.#client = new sdk({ apiKey: setup.key, baseURL: setup.url, maxRetries: 0 });
  }

  say(text: string, attachment?: Attachment): Promise<Answer> {
    this.#messages.push({
      role: 'user',
      content: attachment === undefined ? text : [{ type: 'text', text }, blockOf(attachment)],
    });
    return this.#next();
  }

  give(results: readonly string[]): Promise<Answer> {
    const content = results.map((text, index) => ({
      type: 'tool_result' as const,
      tool_use_id: this.#calls[index]!.id,
      content: text,
    }));
    this.#messages.push({ role: 'user', content });
    return this.#next();
  }

  async #next(): Promise<Answer> {
    const { message, pieces } = await this.#complete();
    this.#messages.push({
      role: 'assistant',
      content: message.content as AnthropicNew.ContentBlockParam[],
    });
    this.#calls = message.content.flatMap((block) =>
      block.type === 'tool_use' ? [{ id: block.id, name: block.name, input: block.input }] : [],
    );
    const words = (type: 'text' | 'thinking'): string =>
      message.content
        .map((block) =>
          block.type === type ? (block.type === 'thinking' ? block.thinking : textOf(block)) : '',
        )
        .join('');
    return {
      text: words('text'),
      calls: this.#calls,
      finish: FINISH[message.stop_reason ?? ''] ?? 'other',
      inputTokens: message.usage.input_tokens,
      outputTokens: message.usage.output_tokens,
      reasoning: words('thinking'),
      pieces,
    };
  }

  async #complete(): Promise<{ message: AnthropicNew.Message; pieces: number }> {
    const { mode, signal } = this.#setup;
    const options = signal === undefined ? {} : { signal };
    const request = requestOf(this.#setup, this.#messages);
    if (mode === 'whole') return { message: await this.#client.messages.create(request, options), pieces: 1 };
    let pieces = 0;
    const stream = this.#client.messages.stream(request, options);
    stream.on('text', () => {
      pieces += 1;
    });
    return { message: await stream.finalMessage(), pieces };
  }
}

function blockOf({ mediaType, data }: Attachment): AnthropicNew.ContentBlockParam {
  return mediaType === 'application/pdf'
    ? { type: 'document', source: { type: 'base64', media_type: mediaType, data } }
    : { type: 'image', source: { type: 'base64', media_type: mediaType as 'image/png', data } };
}

function textOf(block: AnthropicNew.ContentBlock): string {
  return block.type === 'text' ? block.text : '';
}

const FINISH: { readonly [reason: string]: Answer['finish'] } = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  tool_use: 'tools',
};

function requestOf(setup: Setup, messages: readonly AnthropicNew.MessageParam[]): Request {
  const { tools, toolChoice, stop, schema, system, outputTokensMax = 4000 } = setup;
  return {
    model: setup.model,
    max_tokens: outputTokensMax,
    messages: [...messages],
    ...(system === undefined ? {} : { system }),
    ...(tools === undefined
      ? {}
      : {
          tools: tools.map(({ name, description, schema: input_schema }) => ({
            name,
            description,
            input_schema: input_schema as AnthropicNew.Tool.InputSchema,
          })),
        }),
    ...(toolChoice === undefined
      ? {}
      : { tool_choice: { type: toolChoice === 'required' ? ('any' as const) : ('none' as const) } }),
    ...(stop === undefined ? {} : { stop_sequences: [...stop] }),
    ...(schema === undefined
      ? {}
      : { output_config: { format: { type: 'json_schema' as const, schema: { ...schema } } } }),
    ...(setup.reason === undefined ? {} : { thinking: { type: 'enabled' as const, budget_tokens: 2000 } }),
  };
}
