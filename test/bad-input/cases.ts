import fc from 'fast-check';
import { seededRandom } from '../../src/testing.ts';
import { arrayToBytes, textToBytes, type Bytes } from '../../src/base/bytes.ts';

/** A request as somebody might send it by mistake or on purpose. */
export interface BadCase {
  readonly path: string;
  readonly method: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: Bytes;
}

const TOOL = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  },
};

/** Right requests, to be spoiled. */
const RIGHT: { readonly [path: string]: readonly object[] } = {
  '/v1/chat/completions': [
    { model: 'm', messages: [{ role: 'user', content: 'Say hello' }] },
    {
      model: 'm',
      stream: true,
      messages: [
        { role: 'system', content: 'Be brief' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'hi' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
          ],
        },
      ],
      max_tokens: 20,
      temperature: 0.5,
      stop: ['x'],
    },
    {
      model: 'n',
      messages: [
        { role: 'user', content: 'Weather?' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            {
              id: 'call_1',
              type: 'function',
              function: { name: 'get_weather', arguments: '{"city":"Paris"}' },
            },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'sun' },
      ],
      tools: [TOOL],
      tool_choice: 'auto',
      parallel_tool_calls: true,
    },
    {
      model: 'o',
      messages: [{ role: 'user', content: 'JSON please' }],
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'x',
          schema: {
            type: 'object',
            properties: { a: { type: 'number' } },
            required: ['a'],
            additionalProperties: false,
          },
        },
      },
    },
  ],
  '/v1/messages': [
    { model: 'm', max_tokens: 50, messages: [{ role: 'user', content: 'Say hello' }] },
    {
      model: 'n',
      max_tokens: 50,
      stream: true,
      system: [{ type: 'text', text: 'Be brief', cache_control: { type: 'ephemeral' } }],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
      tools: [{ name: 'get_weather', input_schema: { type: 'object' } }],
      tool_choice: { type: 'auto' },
    },
    {
      model: 'o',
      max_tokens: 2000,
      thinking: { type: 'enabled', budget_tokens: 1024 },
      messages: [{ role: 'user', content: 'Think' }],
    },
  ],
  '/v1/messages/count_tokens': [{ model: 'm', messages: [{ role: 'user', content: 'Say hello' }] }],
  '/v1/embeddings': [{ model: 'e', input: ['a', 'b'], encoding_format: 'float' }],
};

const nasty = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    1e308,
    1.5,
    '',
    ' ',
    '\u0000',
    '\ud800',
    '__proto__',
    'x'.repeat(5_000),
    [],
    {},
    [[]],
    [null],
    { type: 'unknown' },
    { type: null },
    { role: 'robot' },
  ),
);

/** A right request with a few of its values replaced, fields added or removed, at any depth. */
function mutated(value: unknown, random: () => number, replacement: () => unknown): unknown {
  const roll = random();
  if (roll < 0.025) return replacement();
  if (Array.isArray(value)) {
    const items = value.map((item) => mutated(item, random, replacement));
    if (random() < 0.03) items.push(replacement());
    if (random() < 0.03) items.splice(Math.floor(random() * items.length), 1);
    return items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(() => random() > 0.015)
    .map(([key, inner]) => [key, mutated(inner, random, replacement)] as [string, unknown]);
  if (random() < 0.03) entries.push([NAMES[Math.floor(random() * NAMES.length)] ?? 'x', replacement()]);
  return Object.fromEntries(entries);
}

const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'stream',
  'n',
  'models',
  'x',
  'stop',
  'metadata',
  '',
];

const PATHS = Object.keys(RIGHT);

const mutatedBody = fc
  .record({
    path: fc.constantFrom(...PATHS),
    which: fc.nat(9),
    // A seed, because fast-check's own numbers lean towards the ends of their range.
    seed: fc.nat(),
    replacements: fc.infiniteStream(nasty),
  })
  .map(({ path, which, seed, replacements }) => {
    const samples = RIGHT[path] ?? [];
    const right = samples[which % samples.length];
    const random = seededRandom(seed);
    const spoiled = mutated(
      right,
      () => random.next(),
      () => replacements.next().value,
    );
    return { path, body: textToBytes(JSON.stringify(spoiled) ?? '') };
  });

// Cut off, doubled, or with some bytes changed, also into what is no UTF-8.
const spoiledBytes = fc
  .record({ made: mutatedBody, at: fc.nat(2_000), cut: fc.boolean(), bytes: fc.uint8Array({ maxLength: 4 }) })
  .map(({ made: { path, body }, at, cut, bytes }) => {
    const place = body.length === 0 ? 0 : at % body.length;
    const head = body.slice(0, place);
    const text = cut ? head : head + arrayToBytes(bytes) + body.slice(place + bytes.length);
    return { path, body: text as Bytes };
  });

const deep = fc
  .record({
    path: fc.constantFrom(...PATHS),
    depth: fc.integer({ min: 1, max: 3_000 }),
    open: fc.constantFrom('[', '{"a":'),
  })
  .map(({ path, depth, open }) => ({
    path,
    body: textToBytes(
      `{"model":"m","max_tokens":5,"messages":${open.repeat(depth)}${open === '[' ? '' : '1'}${(open === '[' ? ']' : '}').repeat(depth)}}`,
    ),
  }));

const junk = fc
  .record({ path: fc.constantFrom(...PATHS), bytes: fc.uint8Array({ maxLength: 64 }) })
  .map(({ path, bytes }) => ({ path, body: arrayToBytes(bytes) }));

const headers = fc.oneof(
  { weight: 8, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.dictionary(
      fc.constantFrom(
        'content-type',
        'x-bellwether-tags',
        'x-bellwether-timeout-ms',
        'x-bellwether-fallback',
        'x-bellwether-strict',
        'anthropic-version',
        'anthropic-beta',
        'authorization',
        'x-api-key',
      ),
      fc.oneof(
        fc.string({ maxLength: 40 }),
        fc.constantFrom(
          'application/json',
          'true',
          'off',
          '-1',
          '0',
          '99999999999',
          'multipart/form-data',
          'Bearer',
        ),
      ),
    ),
  },
);

/** Everything that can be wrong with a request's body, path, method or headers. */
export const badCase: fc.Arbitrary<BadCase> = fc
  .record({
    made: fc.oneof(
      { weight: 6, arbitrary: mutatedBody },
      { weight: 3, arbitrary: spoiledBytes },
      { weight: 1, arbitrary: deep },
      { weight: 1, arbitrary: junk },
    ),
    method: fc.oneof(
      { weight: 30, arbitrary: fc.constant('POST') },
      { weight: 1, arbitrary: fc.constantFrom('GET', 'PUT', 'DELETE', 'BREW') },
    ),
    elsewhere: fc.oneof({ weight: 30, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.webPath() }),
    headers,
  })
  .map(({ made, method, elsewhere, headers: extra }) => ({
    path: elsewhere ?? made.path,
    method,
    headers: extra,
    body: made.body,
  }));
