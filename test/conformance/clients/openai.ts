import OpenAI from 'openai';
import {
  failureOf,
  type Answer,
  type Client,
  type Conversation,
  type Attachment,
  type Setup,
} from './client.ts';

/** `openai`, chat completions. */
export const openaiSdk: Client = {
  name: 'openai',
  wire: 'openai',
  // Its stream helper keeps only the last piece of a field that it does not know, such as `reasoning_content`.
  reasoning: { whole: true, streamed: false },
  converse: (setup) => new OpenAiConversation(setup),
  failure: (error) => failureOf(error),
};

type Request = OpenAI.ChatCompletionCreateParamsNonStreaming;
type Message = OpenAI.ChatCompletionMessage & { readonly reasoning_content?: string };

class OpenAiConversation implements Conversation {
  readonly #setup: Setup;
  readonly #client: OpenAI;
  readonly #messages: OpenAI.ChatCompletionMessageParam[] = [];
  #calls: Answer['calls'] = [];

  constructor(setup: Setup) {
    this.#setup = setup;
    this.#client = new OpenAI({ apiKey: setup.key, baseURL: `${setup.url}/v1`, maxRetries: 0 });
    if (setup.system !== undefined) this.#messages.push({ role: 'system', content: setup.system });
  }

  say(text: string, attachment?: Attachment): Promise<Answer> {
    this.#messages.push({
      role: 'user',
      content: attachment === undefined ? text : [{ type: 'text', text }, partOf(attachment)],
    });
    return this.#next();
  }

  give(results: readonly string[]): Promise<Answer> {
    results.forEach((content, index) => {
      this.#messages.push({ role: 'tool', tool_call_id: this.#calls[index]!.id, content });
    });
    return this.#next();
  }

  async #next(): Promise<Answer> {
    const { completion, pieces } = await this.#complete();
    const choice = completion.choices[0]!;
    const message: Message = choice.message;
    this.#messages.push(message);
    this.#calls = (message.tool_calls ?? []).flatMap((call) =>
      call.type === 'function'
        ? [{ id: call.id, name: call.function.name, input: JSON.parse(call.function.arguments) as unknown }]
        : [],
    );
    return {
      text: message.content ?? '',
      calls: this.#calls,
      finish: FINISH[choice.finish_reason] ?? 'other',
      inputTokens: completion.usage?.prompt_tokens,
      outputTokens: completion.usage?.completion_tokens,
      reasoning: message.reasoning_content ?? '',
      pieces,
    };
  }

  async #complete(): Promise<{ completion: OpenAI.ChatCompletion; pieces: number }> {
    const { mode, signal } = this.#setup;
    const options = signal === undefined ? {} : { signal };
    const request = requestOf(this.#setup, this.#messages);
    if (mode === 'whole')
      return { completion: await this.#client.chat.completions.create(request, options), pieces: 1 };
    let pieces = 0;
    const stream = this.#client.chat.completions.stream(
      { ...request, stream: true, stream_options: { include_usage: true } },
      options,
    );
    stream.on('content', () => {
      pieces += 1;
    });
    return { completion: await stream.finalChatCompletion(), pieces };
  }
}

function partOf({ mediaType, data }: Attachment): OpenAI.ChatCompletionContentPart {
  const url = `data:${mediaType};base64,${data}`;
  return mediaType === 'application/pdf'
    ? { type: 'file', file: { filename: 'paper.pdf', file_data: url } }
    : { type: 'image_url', image_url: { url } };
}

const FINISH: { readonly [reason: string]: Answer['finish'] } = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tools',
};

function requestOf(setup: Setup, messages: readonly OpenAI.ChatCompletionMessageParam[]): Request {
  const { tools, toolChoice, stop, schema, outputTokensMax } = setup;
  return {
    model: setup.model,
    messages: [...messages],
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
    ...(setup.reason === undefined ? {} : { reasoning_effort: 'low' as const }),
    ...(outputTokensMax === undefined ? {} : { max_completion_tokens: outputTokensMax }),
  };
}
