import { ContextOverflowError } from '@langchain/core/errors';
import {
  HumanMessage,
  SystemMessage,
  ToolMessage,
  type AIMessage,
  type AIMessageChunk,
  type BaseMessage,
  type UsageMetadata,
} from '@langchain/core/messages';
import { ChatOpenAICompletions } from '@langchain/openai';
import {
  failureOf,
  type Answer,
  type Client,
  type Conversation,
  type Attachment,
  type Setup,
} from './client.ts';

/** `@langchain/openai`, chat completions. */
export const langchain: Client = {
  name: '@langchain/openai',
  wire: 'openai',
  reasoning: { whole: false, streamed: false },
  converse: (setup) => new LangchainConversation(setup),
  failure: (error) => failureOf(error, error instanceof ContextOverflowError ? error.cause : error),
};

class LangchainConversation implements Conversation {
  readonly #setup: Setup;
  readonly #messages: BaseMessage[] = [];
  #calls: Answer['calls'] = [];

  constructor(setup: Setup) {
    this.#setup = setup;
    if (setup.system !== undefined) this.#messages.push(new SystemMessage(setup.system));
  }

  say(text: string, attachment?: Attachment): Promise<Answer> {
    const content = attachment === undefined ? text : [{ type: 'text', text }, partOf(attachment)];
    this.#messages.push(new HumanMessage({ content }));
    return this.#next();
  }

  give(results: readonly string[]): Promise<Answer> {
    results.forEach((content, index) => {
      const { id, name } = this.#calls[index]!;
      this.#messages.push(new ToolMessage({ content, tool_call_id: id, name }));
    });
    return this.#next();
  }

  async #next(): Promise<Answer> {
    const { message, pieces } = await this.#invoke();
    this.#messages.push(message);
    this.#calls = (message.tool_calls ?? []).map(({ id = '', name, args }) => ({ id, name, input: args }));
    const usage = message.usage_metadata as UsageMetadata | undefined;
    const reason = message.response_metadata['finish_reason'];
    return {
      text: message.text,
      calls: this.#calls,
      finish: FINISH[String(reason)] ?? 'other',
      inputTokens: usage?.input_tokens,
      outputTokens: usage?.output_tokens,
      reasoning: '',
      pieces,
    };
  }

  async #invoke(): Promise<{ message: AIMessage; pieces: number }> {
    const { signal, mode } = this.#setup;
    const model = modelFor(this.#setup);
    const options = { ...callOptions(this.#setup), ...(signal === undefined ? {} : { signal }) };
    if (mode === 'whole') return { message: await model.invoke(this.#messages, options), pieces: 1 };
    let message: AIMessageChunk | undefined;
    let pieces = 0;
    for await (const chunk of await model.stream(this.#messages, options)) {
      message = message?.concat(chunk) ?? chunk;
      if (chunk.text !== '') pieces += 1;
    }
    return { message: message as unknown as AIMessage, pieces };
  }
}

function partOf({ mediaType, data }: Attachment): {
  readonly type: string;
  readonly [field: string]: unknown;
} {
  const url = `data:${mediaType};base64,${data}`;
  return mediaType === 'application/pdf'
    ? {
        type: 'file',
        source_type: 'base64',
        mime_type: mediaType,
        data,
        metadata: { filename: 'p.pdf' },
      }
    : { type: 'image_url', image_url: { url } };
}

function modelFor({ url, key, model, outputTokensMax, mode, reason }: Setup): ChatOpenAICompletions {
  return new ChatOpenAICompletions({
    model,
    apiKey: key,
    maxRetries: 0,
    streaming: mode === 'streamed',
    configuration: { baseURL: `${url}/v1` },
    ...(outputTokensMax === undefined ? {} : { maxTokens: outputTokensMax }),
    ...(reason === undefined ? {} : { reasoning: { effort: 'low' as const } }),
  });
}

function callOptions({
  tools,
  toolChoice,
  stop,
  schema,
}: Setup): Partial<ChatOpenAICompletions['ParsedCallOptions']> {
  return {
    ...(tools === undefined
      ? {}
      : {
          tools: tools.map(({ name, description, schema: parameters }) => ({
            type: 'function' as const,
            function: { name, description, parameters: parameters as Record<string, unknown> },
          })),
        }),
    ...(toolChoice === undefined ? {} : { tool_choice: toolChoice }),
    ...(stop === undefined ? {} : { stop: [...stop] }),
    ...(schema === undefined
      ? {}
      : {
          response_format: {
            type: 'json_schema' as const,
            json_schema: { name: 'answer', strict: true, schema: schema as Record<string, unknown> },
          },
        }),
  };
}

const FINISH: { readonly [reason: string]: Answer['finish'] } = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tools',
};
