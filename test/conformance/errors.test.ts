import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Client, Mode, Setup } from './clients/client.ts';
import { CLIENTS } from './clients/index.ts';
import { openaiSdk } from './clients/openai.ts';
import { openHouse, WIRES, type House, type Wire } from './house.ts';
import { stageOf } from './scenarios.ts';

const BODY_BYTES_MAX = 64 * 1024;

let house: House;
/** Its providers take their time, so that what they send arrives piece by piece. */
let slow: House;
beforeAll(async () => {
  const hanging = WIRES.map((wire) => [
    `hangs-${wire}`,
    { targets: [faulty(wire, 'hang')], timeouts: { total_ms: 150 } },
  ]);
  house = await openHouse({
    server: { max_body_bytes: BODY_BYTES_MAX },
    models: Object.fromEntries(hanging),
  });
  slow = await openHouse({ pace: { firstTokenMs: 0, tokensPerSecond: 400, jitter: 0 } });
});
afterAll(async () => {
  await house.close();
  await slow.close();
});

/** One way to fail before anything was answered, and how each family of libraries must tell it. */
interface Case {
  readonly name: string;
  /** The wires on which it happens so; all where it is missing. */
  readonly on?: readonly Wire[];
  readonly setup: (wire: Wire) => Partial<Setup>;
  readonly text?: string;
  readonly status: number;
  readonly openai: readonly [className: string, type: string];
  readonly anthropic: readonly [className: string, type: string];
  /** Class of the library's old major version, where it has no class of its own for the status. */
  readonly anthropic0?: string;
  readonly langchain?: string;
  readonly message: RegExp;
}

const fault =
  (name: string) =>
  (wire: Wire): Partial<Setup> => ({ model: faulty(wire, name) });

// Any model with the name of a fault behind it meets that fault at a simulated provider.
function faulty(wire: Wire, name: string): string {
  const models = { openai: 'gpt-4.1', anthropic: 'claude-sonnet-4-5', gemini: 'gemini-2.5-flash' };
  return `${wire}/${models[wire]}#${name}`;
}

const CASES: readonly Case[] = [
  {
    name: 'a wrong key',
    setup: () => ({ key: 'sk-bw-nobody-knows-this-key-0123456789' }),
    status: 401,
    openai: ['AuthenticationError', 'invalid_request_error'],
    anthropic: ['AuthenticationError', 'authentication_error'],
    message: /key/,
  },
  {
    name: 'a model that nobody serves',
    setup: () => ({ model: 'on-opanai' }),
    status: 404,
    openai: ['NotFoundError', 'invalid_request_error'],
    anthropic: ['NotFoundError', 'not_found_error'],
    message: /on-opanai.*on-openai/s,
  },
  {
    name: 'a prompt that is too long for the model',
    setup: fault('400'),
    status: 400,
    openai: ['BadRequestError', 'invalid_request_error'],
    anthropic: ['BadRequestError', 'invalid_request_error'],
    langchain: 'ContextOverflowError',
    message: /prompt is too long: \d+ tokens > \d+ maximum|maximum context length is \d+ tokens/,
  },
  {
    name: 'a body that is too large',
    setup: () => ({}),
    text: 'x'.repeat(BODY_BYTES_MAX),
    status: 413,
    openai: ['APIError', 'invalid_request_error'],
    anthropic: ['ContentTooLargeError', 'request_too_large'],
    anthropic0: 'APIError',
    message: /65536 bytes/,
  },
  {
    name: 'a rate limit of the provider',
    // Back in 20 seconds: too long to wait for.
    setup: fault('429:20'),
    status: 429,
    openai: ['RateLimitError', 'rate_limit_error'],
    anthropic: ['RateLimitError', 'rate_limit_error'],
    message: /limits the rate/i,
  },
  {
    name: "the gateway's own key refused by the provider, which is never the caller's 401",
    setup: fault('401'),
    status: 502,
    openai: ['InternalServerError', 'server_error'],
    anthropic: ['InternalServerError', 'api_error'],
    message: /credential|refused/,
  },
  {
    name: 'an account without credit',
    setup: fault('402'),
    status: 503,
    openai: ['InternalServerError', 'server_error'],
    anthropic: ['ServiceUnavailableError', 'overloaded_error'],
    anthropic0: 'InternalServerError',
    message: /quota|credit/,
  },
  {
    name: 'a fault inside the provider',
    setup: fault('500'),
    status: 502,
    openai: ['InternalServerError', 'server_error'],
    anthropic: ['InternalServerError', 'api_error'],
    message: /failed|could not be reached/,
  },
  {
    name: 'an overloaded provider',
    setup: fault('529'),
    status: 503,
    openai: ['InternalServerError', 'server_error'],
    anthropic: ['ServiceUnavailableError', 'overloaded_error'],
    anthropic0: 'InternalServerError',
    message: /overloaded/,
  },
  {
    name: 'a provider that cannot be reached',
    setup: fault('down'),
    status: 502,
    openai: ['InternalServerError', 'server_error'],
    anthropic: ['InternalServerError', 'api_error'],
    message: /failed|could not be reached/,
  },
  {
    name: 'a page of a proxy instead of an answer',
    setup: fault('html'),
    status: 502,
    openai: ['InternalServerError', 'server_error'],
    anthropic: ['InternalServerError', 'api_error'],
    message: /failed|could not be reached|protocol/,
  },
  {
    name: 'an error inside a 200',
    on: ['openai', 'gemini'],
    setup: fault('error-in-200'),
    status: 502,
    openai: ['InternalServerError', 'server_error'],
    anthropic: ['InternalServerError', 'api_error'],
    message: /failed/,
  },
  {
    name: 'an overload inside a 200',
    on: ['anthropic'],
    setup: fault('error-in-200'),
    status: 503,
    openai: ['InternalServerError', 'server_error'],
    anthropic: ['ServiceUnavailableError', 'overloaded_error'],
    anthropic0: 'InternalServerError',
    message: /overloaded/,
  },
  {
    name: 'a provider that never answers',
    setup: (wire) => ({ model: `hangs-${wire}` }),
    status: 504,
    openai: ['InternalServerError', 'server_error'],
    anthropic: ['GatewayTimeoutError', 'timeout_error'],
    anthropic0: 'InternalServerError',
    message: /time/,
  },
];

const MODES: readonly Mode[] = ['whole', 'streamed'];

describe.concurrent.each(CLIENTS)('$name', (client) => {
  describe.each(CASES)('$name', (each) => {
    const runs = (each.on ?? WIRES).flatMap((upstream) => MODES.map((mode) => ({ upstream, mode })));
    it.each(runs)('on $upstream, $mode', async ({ upstream, mode }) => {
      const conversation = stageOf(house, client, upstream, mode).converse(each.setup(upstream));
      const error = await thrown(conversation.say(each.text ?? 'Say hello'));
      const failure = client.failure(error);
      const [className, type] = expected(client, each);
      expect(failure, failure.message).toMatchObject({ status: each.status, className });
      // Not every library shows the type.
      expect([type, undefined]).toContain(failure.type);
      expect(failure.message).toMatch(each.message);
      expect(failure.message).not.toContain('sk-provider');
    });
  });
});

function expected(client: Client, each: Case): readonly [className: string, type: string] {
  const [className, type] = each[client.wire];
  if (client.name.startsWith('ai +')) return ['APICallError', type];
  if (client.name === '@anthropic-ai/sdk 0.x') return [each.anthropic0 ?? className, type];
  if (client.name === '@langchain/openai') return [each.langchain ?? className, type];
  return [className, type];
}

describe('a request that the provider itself refuses', () => {
  const tool = {
    name: 'bad name!',
    description: 'Breaks the pattern of names.',
    schema: { type: 'object' },
  } as const;

  it.each(MODES)('names the field to a client of the same wire, %s', async (mode) => {
    const conversation = stageOf(house, openaiSdk, 'openai', mode).converse({ tools: [tool] });
    expect(await thrown(conversation.say('Say hello'))).toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      param: 'tools[0].function.name',
      code: 'invalid_value',
    });
  });
});

describe.concurrent.each(CLIENTS)('$name, once a stream has begun', (client) => {
  const faults = ['cut', 'reset-mid', 'error-mid', 'no-finish'];
  const runs = WIRES.flatMap((upstream) => faults.map((name) => ({ upstream, name })));
  it.each(runs)('throws on $upstream with $name, never a false end', async ({ upstream, name }) => {
    const setup = { model: faulty(upstream, name) };
    const conversation = stageOf(slow, client, upstream, 'streamed').converse(setup);
    const failure = client.failure(await thrown(conversation.say('Count to 50')));
    // No status: the answer had begun, the error came inside of it.
    expect(failure, failure.message).toMatchObject({
      status: undefined,
      className: client.name.startsWith('ai +') ? 'StreamProviderError' : 'APIError',
    });
    expect(failure.type).toMatch(/^(server_error|api_error|overloaded_error)$/);
    expect(failure.message).toContain(faulty(upstream, name));
  });
});

function thrown(answer: Promise<Answer>): Promise<unknown> {
  return answer.then(
    (came) => expect.fail(`no error but the answer: ${JSON.stringify(came)}`),
    (error: unknown) => error,
  );
}
