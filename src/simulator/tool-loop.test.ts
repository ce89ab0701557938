import { describe, expect, it } from 'vitest';
import { bytesToText } from '../base/bytes.ts';
import {
  asArray,
  asString,
  field,
  fieldAt,
  isObject,
  parseJsonOr,
  type Json,
  type JsonObject,
} from '../base/json.ts';
import { INSTANT_PACE } from './settings.ts';
import { createSimulator } from './simulator.ts';
import { exchange, NO_NETWORK, testPorts, wireRequest } from './testing/ports.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';

const SCHEMA = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const QUESTION = 'What is the weather in Paris and Rome?';

describe('the tools of a coding agent', () => {
  it.each([
    ['Write a short poem', []],
    ['Hello<system-reminder>Read and Write files with Bash.</system-reminder>', []],
    ['Please read the file README.md', ['Read']],
    ['Use Bash to list them', ['Bash']],
    ['Search the web for tides', ['WebSearch']],
  ])('are called for %j: %j', (question, expected) => {
    const tools = ['Bash', 'Read', 'Write', 'WebSearch', 'Task'].map((name) => ({
      name,
      input_schema: SCHEMA,
    }));
    const body = {
      model: 'claude-sonnet-4-6',
      max_tokens: 500,
      messages: [{ role: 'user', content: question }],
      tools,
    };
    const blocks = asArray(field(ask('simulated://drill/v1/messages', body), 'content'));
    expect(blocks.length).toBeGreaterThan(0);
    expect(
      blocks.filter((block) => field(block, 'type') === 'tool_use').map((block) => field(block, 'name')),
    ).toEqual(expected);
  });
});

describe('the arguments of a call', () => {
  const schema = {
    type: 'object',
    properties: { file_path: { type: 'string' }, pages: { type: 'string' }, limit: { type: 'integer' } },
    required: ['file_path'],
  };
  const readFile = (question: string, more: readonly JsonObject[] = []): Json =>
    ask('simulated://drill/v1/chat/completions', {
      model: 'gpt-4.1',
      messages: [{ role: 'user', content: question }, ...more],
      tools: [{ type: 'function', function: { name: 'Read', parameters: schema } }],
    });
  const argumentsIn = (answer: Json): readonly string[] =>
    asArray(fieldAt(asArray(field(answer, 'choices'))[0], 'message', 'tool_calls')).map(
      (call) => asString(fieldAt(call, 'function', 'arguments')) ?? '',
    );

  it('hold no optional value that nobody spoke of', () => {
    expect(argumentsIn(readFile('Please read the file notes.txt'))).toEqual(['{"file_path":"notes.txt"}']);
    expect(argumentsIn(readFile('Please read the file notes.txt, limit 20'))).toEqual([
      '{"file_path":"notes.txt","limit":20}',
    ]);
  });

  it('come also where instructions stand behind the question', () => {
    const answer = readFile('Please read the file notes.txt', [{ role: 'system', content: 'Be brief.' }]);
    expect(argumentsIn(answer)).toHaveLength(1);
  });
});

describe('a loop of tools with state that must come back', () => {
  it('Gemini 3: goes on with the thought signature and refuses without', () => {
    const tools = [{ functionDeclarations: [{ name: 'get_weather', parametersJsonSchema: SCHEMA }] }];
    const user = { role: 'user', parts: [{ text: QUESTION }] };
    const url = 'simulated://drill/v1beta/models/gemini-3-pro-preview:generateContent';
    const first = ask(url, { contents: [user], tools });
    const parts = asArray(fieldAt(asArray(field(first, 'candidates'))[0], 'content', 'parts')).filter(
      isObject,
    );
    const calls = parts.filter((part) => part['functionCall'] !== undefined);
    expect(calls.map((part) => fieldAt(part, 'functionCall', 'args'))).toEqual([
      { city: 'Paris' },
      { city: 'Rome' },
    ]);
    expect(calls.map((part) => typeof part['thoughtSignature'])).toEqual(['string', 'undefined']);
    const responses = calls.map((part) => ({
      functionResponse: {
        name: 'get_weather',
        id: fieldAt(part, 'functionCall', 'id') ?? null,
        response: { sky: 'clear' },
      },
    }));
    const turns = (model: readonly JsonObject[]): Json => [
      user,
      { role: 'model', parts: model },
      { role: 'user', parts: responses },
    ];
    const second = ask(url, { contents: turns(parts), tools });
    expect(JSON.stringify(field(second, 'candidates'))).toContain('sky: clear');
    const bare = parts.map((part) =>
      Object.fromEntries(Object.entries(part).filter(([key]) => key !== 'thoughtSignature')),
    );
    expect(messageOf(ask(url, { contents: turns(bare), tools }))).toContain('missing a thought_signature');
  });

  it('DeepSeek: goes on with the reasoning and refuses without', () => {
    const tools = [{ type: 'function', function: { name: 'get_weather', parameters: SCHEMA } }];
    const user = { role: 'user', content: QUESTION };
    const url = 'simulated://drill/chat/completions';
    const first = ask(url, { model: 'deepseek-reasoner', messages: [user], tools });
    const message = field(asArray(field(first, 'choices'))[0], 'message');
    expect(asString(field(message, 'reasoning_content'))).toContain('weather in Paris');
    const results = asArray(field(message, 'tool_calls')).map((call) => ({
      role: 'tool',
      tool_call_id: field(call, 'id') ?? null,
      content: '18 degrees',
    }));
    expect(results.length).toBe(2);
    const second = ask(url, {
      model: 'deepseek-reasoner',
      messages: [user, message ?? null, ...results],
      tools,
    });
    expect(JSON.stringify(field(second, 'choices'))).toContain('18 degrees');
    const bare = { role: 'assistant', content: '', tool_calls: field(message, 'tool_calls') ?? null };
    const refused = ask(url, { model: 'deepseek-reasoner', messages: [user, bare, ...results], tools });
    expect(messageOf(refused)).toContain('must be passed back');
  });

  it.each([
    ['no tool where the prompt asks for none', 'Tell me about tides', 'auto', []],
    ['no tool where the choice forbids it', QUESTION, 'none', []],
    ['a tool where one is required', 'Tell me about tides', 'required', ['get_weather']],
    [
      'the tool that is named',
      'Tell me about tides',
      { type: 'function', function: { name: 'get_time' } },
      ['get_time'],
    ],
    ['the tool that the prompt names', 'Use get_time for Oslo', 'auto', ['get_time']],
    [
      'both tools where the prompt means both',
      'What are the weather and time in Oslo?',
      'auto',
      ['get_weather', 'get_time'],
    ],
  ])('calls %s', (_name, question, choice, expected) => {
    const tools = ['get_weather', 'get_time'].map((name) => ({
      type: 'function',
      function: { name, parameters: SCHEMA },
    }));
    const body = {
      model: 'gpt-4.1',
      messages: [{ role: 'user', content: question }],
      tools,
      tool_choice: choice,
    };
    const message = field(
      asArray(field(ask('simulated://drill/chat/completions', body), 'choices'))[0],
      'message',
    );
    const names = asArray(field(message, 'tool_calls')).map((call) => fieldAt(call, 'function', 'name'));
    expect(names).toEqual(expected);
  });
});

const clock = new VirtualClock();
const simulator = createSimulator(testPorts({ defaults: { pace: INSTANT_PACE } }, clock));

function ask(url: string, body: Json): Json {
  const heard = exchange(simulator.transport(NO_NETWORK), clock, wireRequest(url, body));
  return parseJsonOr(bytesToText(heard.body as Parameters<typeof bytesToText>[0]), null);
}

function messageOf(body: Json): string {
  return asString(fieldAt(body, 'error', 'message')) ?? '';
}
