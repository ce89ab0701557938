import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textToBytes } from '../base/bytes.ts';
import type { Json } from '../base/json.ts';
import { INSTANT_PACE } from './settings.ts';
import { createSimulator } from './simulator.ts';
import { testPorts, wireRequest } from './testing/ports.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';

const SCHEMA = { type: 'object', properties: { city: { type: 'string', minLength: 2 } }, required: ['city'] };

// One rich request of each wire; the property puts something else into any place of it.
const REQUESTS: readonly (readonly [path: string, body: Json])[] = [
  [
    '/v1/chat/completions',
    {
      model: 'gpt-4.1',
      stream: false,
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Weather in Oslo?' },
            { type: 'image_url', image_url: { url: 'https://a/b.png' } },
          ],
        },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: '18 degrees' },
      ],
      tools: [{ type: 'function', function: { name: 'weather', parameters: SCHEMA, strict: false } }],
      tool_choice: 'auto',
      response_format: { type: 'json_schema', json_schema: { name: 'r', schema: SCHEMA } },
      stop: ['END'],
      max_tokens: 100,
    },
  ],
  [
    '/v1/messages',
    {
      model: 'claude-sonnet-4-5',
      max_tokens: 2000,
      system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
      messages: [
        { role: 'user', content: 'Weather in Oslo?' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm.', signature: 'x' },
            { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Oslo' } },
          ],
        },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: '18' }] }],
        },
      ],
      tools: [{ name: 'weather', input_schema: SCHEMA }],
      thinking: { type: 'enabled', budget_tokens: 1024 },
    },
  ],
  [
    '/v1beta/models/gemini-3-pro-preview:streamGenerateContent?alt=sse',
    {
      contents: [
        {
          role: 'user',
          parts: [{ text: 'Weather in Oslo?' }, { inlineData: { mimeType: 'image/png', data: 'AAAA' } }],
        },
        {
          role: 'model',
          parts: [{ functionCall: { name: 'weather', args: { city: 'Oslo' } }, thoughtSignature: 'x' }],
        },
        { role: 'user', parts: [{ functionResponse: { name: 'weather', response: { sky: 'clear' } } }] },
      ],
      tools: [{ functionDeclarations: [{ name: 'weather', parametersJsonSchema: SCHEMA }] }],
      generationConfig: {
        maxOutputTokens: 100,
        stopSequences: ['END'],
        thinkingConfig: { thinkingLevel: 'LOW' },
      },
    },
  ],
  [
    '/v1/embeddings',
    { model: 'text-embedding-3-small', input: ['a', 'b'], dimensions: 8, encoding_format: 'base64' },
  ],
  [
    '/v1/messages/count_tokens',
    { model: 'claude-sonnet-4-5', messages: [{ role: 'user', content: 'Hello' }] },
  ],
];

describe('a simulated provider and requests that are wrong in some place', () => {
  const simulator = createSimulator(testPorts({ defaults: { pace: INSTANT_PACE } }, new VirtualClock()));

  it.each(REQUESTS)('%s: every request gets an answer or a refusal', (path, body) => {
    const places = placesOf(body, []);
    fc.assert(
      fc.property(fc.constantFrom(...places), values(), (place, value) => {
        const script = simulator.respond('drill', {
          method: 'POST',
          path,
          headers: wireRequest('', {}).headers,
          body: textToBytes(JSON.stringify(replaced(body, place, value))),
        });
        expect(script).toMatchObject({ type: 'answer', ending: 'whole' });
        expect(script.type === 'answer' && [200, 400, 404].includes(script.status)).toBe(true);
      }),
      { seed: 20_261_121, numRuns: 1500 },
    );
  });

  it.each(['/', '/v1/models/%:generateContent', '/%E0%A4%A', '/v1', '//', '/v1/chat/completions/x', '?'])(
    'path %j gets a refusal',
    (path) => {
      const request = { method: 'POST', path, headers: wireRequest('', {}).headers, body: textToBytes('{}') };
      expect(simulator.respond('drill', request)).toMatchObject({ type: 'answer', status: 404 });
    },
  );
});

function values(): fc.Arbitrary<Json> {
  const nasty = fc.constantFrom<Json>(
    '',
    ' ',
    '%',
    '#',
    '#cut:1',
    '__proto__',
    '(((',
    { $ref: '#/%' },
    { $ref: '#' },
    [],
    {},
    -1,
    1e308,
    0.1,
  );
  const schema = fc.constantFrom<Json>(
    { pattern: '[' },
    { pattern: '(a|' },
    { minLength: 50 },
    { anyOf: [] },
    { items: { $ref: '#' }, minItems: 3 },
  );
  return fc.oneof(
    nasty,
    schema,
    fc.jsonValue({ maxDepth: 2 }).map((value): Json => JSON.parse(JSON.stringify(value))),
  );
}

type Place = readonly (string | number)[];

function placesOf(value: Json, place: Place): readonly Place[] {
  if (typeof value !== 'object' || value === null) return [place];
  const entries = Object.entries(value).map(
    ([key, item]) => [Array.isArray(value) ? Number(key) : key, item] as const,
  );
  return [
    ...(place.length === 0 ? [] : [place]),
    ...entries.flatMap(([key, item]) => placesOf(item ?? null, [...place, key])),
  ];
}

function replaced(value: Json, place: Place, by: Json): Json {
  const [key, ...rest] = place;
  if (key === undefined) return by;
  if (Array.isArray(value))
    return value.map((item, index) => (index === key ? replaced(item, rest, by) : item));
  const entries = Object.entries(value as object).map(([name, item]) => [
    name,
    name === key ? replaced(item, rest, by) : item,
  ]);
  return Object.fromEntries(entries) as Json;
}
