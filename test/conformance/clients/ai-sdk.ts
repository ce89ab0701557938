import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import {
  APICallError,
  generateText,
  jsonSchema,
  Output,
  streamText,
  tool,
  type LanguageModel,
  type ModelMessage,
} from 'ai';
import {
  failureOf,
  type Answer,
  type Client,
  type Conversation,
  type Attachment,
  type Setup,
} from './client.ts';

/** `ai` with `@ai-sdk/openai`, its chat models. */
export const aiSdkOpenai = aiSdkClient('ai + @ai-sdk/openai', 'openai', ({ url, key, model }) =>
  createOpenAI({ apiKey: key, baseURL: `${url}/v1` }).chat(model),
);
/** `ai` with `@ai-sdk/openai-compatible`. */
export const aiSdkCompatible = aiSdkClient(
  'ai + @ai-sdk/openai-compatible',
  'openai',
  ({ url, key, model }) =>
    createOpenAICompatible({
      name: 'bellwether',
      apiKey: key,
      baseURL: `${url}/v1`,
      includeUsage: true,
      supportsStructuredOutputs: true,
    }).chatModel(model),
);
/** `ai` with `@ai-sdk/anthropic`. */
export const aiSdkAnthropic = aiSdkClient('ai + @ai-sdk/anthropic', 'anthropic', ({ url, key, model }) =>
  createAnthropic({ apiKey: key, baseURL: `${url}/v1` })(model),
);

function aiSdkClient(
  name: string,
  wire: Client['wire'],
  modelFor: (setup: Setup) => Exclude<LanguageModel, string>,
): Client {
  return {
    name,
    wire,
    reasoning: {
      whole: name !== 'ai + @ai-sdk/openai',
      streamed: name !== 'ai + @ai-sdk/openai',
    },
    converse: (setup) => new AiConversation(modelFor(setup), setup),
    failure: (error) => failureOf(error, APICallError.isInstance(error) ? toldBy(error) : error),
  };
}

// What the provider package parsed of the envelope, in its own shape.
function toldBy({ statusCode, data }: APICallError): { readonly status: unknown; readonly type: unknown } {
  const envelope = data as { readonly error?: { readonly type?: unknown } } | undefined;
  return { status: statusCode, type: envelope?.error?.type };
}

class AiConversation implements Conversation {
  readonly #model: LanguageModel;
  readonly #setup: Setup;
  readonly #messages: ModelMessage[] = [];
  #calls: Answer['calls'] = [];

  constructor(model: LanguageModel, setup: Setup) {
    this.#model = model;
    this.#setup = setup;
  }

  say(text: string, attachment?: Attachment): Promise<Answer> {
    if (attachment === undefined) this.#messages.push({ role: 'user', content: text });
    else {
      const { data, mediaType } = attachment;
      this.#messages.push({
        role: 'user',
        content: [
          { type: 'text', text },
          { type: 'file', data, mediaType },
        ],
      });
    }
    return this.#next();
  }

  give(results: readonly string[]): Promise<Answer> {
    const content = results.map((value, index) => ({
      type: 'tool-result' as const,
      toolCallId: this.#calls[index]!.id,
      toolName: this.#calls[index]!.name,
      output: { type: 'text' as const, value },
    }));
    this.#messages.push({ role: 'tool', content });
    return this.#next();
  }

  async #next(): Promise<Answer> {
    const { pieces, ...result } = await this.#generate();
    this.#messages.push(...result.messages);
    this.#calls = result.toolCalls.map(({ toolCallId, toolName, input }) => ({
      id: toolCallId,
      name: toolName,
      input,
    }));
    return {
      text: result.text,
      calls: this.#calls,
      finish: FINISH[result.finishReason] ?? 'other',
      inputTokens: result.usage.inputTokens,
      outputTokens: result.usage.outputTokens,
      reasoning: result.reasoningText ?? '',
      pieces,
    };
  }

  async #generate() {
    const call = this.#call();
    if (this.#setup.mode === 'whole') {
      const { text, toolCalls, finishReason, usage, reasoningText, responseMessages } =
        await generateText(call);
      return { text, toolCalls, finishReason, usage, reasoningText, messages: responseMessages, pieces: 1 };
    }
    let pieces = 0;
    const result = streamText({ ...call, onError: () => undefined });
    for await (const part of result.stream) {
      if (part.type === 'error') throw part.error;
      if (part.type === 'abort') throw new DOMException('aborted', 'AbortError');
      if (part.type === 'text-delta') pieces += 1;
    }
    return {
      text: await result.text,
      toolCalls: await result.toolCalls,
      finishReason: await result.finishReason,
      usage: await result.usage,
      reasoningText: await result.reasoningText,
      messages: await result.responseMessages,
      pieces,
    };
  }

  #call(): Parameters<typeof generateText>[0] & { readonly messages: ModelMessage[] } {
    // The Anthropic provider warns on the console where no limit is given for a model that it does not know.
    const { system, tools, toolChoice, stop, schema, outputTokensMax = 4000, signal } = this.#setup;
    return {
      model: this.#model,
      maxRetries: 0,
      maxOutputTokens: outputTokensMax,
      messages: this.#messages,
      ...(system === undefined ? {} : { instructions: system }),
      ...(signal === undefined ? {} : { abortSignal: signal }),
      ...(tools === undefined
        ? {}
        : {
            tools: Object.fromEntries(
              tools.map(({ name, description, schema: input }) => [
                name,
                tool({ description, inputSchema: jsonSchema(input) }),
              ]),
            ),
          }),
      ...(toolChoice === undefined ? {} : { toolChoice }),
      ...(stop === undefined ? {} : { stopSequences: [...stop] }),
      ...(schema === undefined ? {} : { output: Output.object({ schema: jsonSchema(schema) }) }),
      ...(this.#setup.reason === undefined ? {} : { reasoning: 'low' as const }),
    };
  }
}

const FINISH: { readonly [reason: string]: Answer['finish'] } = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tools',
};
