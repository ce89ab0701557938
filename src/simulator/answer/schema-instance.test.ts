import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../base/json.ts';
import { diceFrom } from './dice.ts';
import { instanceOf } from './schema-instance.ts';

const ajv = new Ajv2020({ strict: false, formats: FORMATS() });

describe('an instance of a schema', () => {
  it('satisfies every random schema', () => {
    fc.assert(
      fc.property(schemas(), fc.string(), (schema, seed) => {
        const instance = instanceOf(schema, { dice: diceFrom(seed) });
        const validate = ajv.compile(schema);
        if (!validate(instance)) {
          throw new Error(
            `${JSON.stringify(instance)} for ${JSON.stringify(schema)}: ${ajv.errorsText(validate.errors)}`,
          );
        }
      }),
      { numRuns: 1000, seed: 20_261_121 },
    );
  });

  it.each(CASES())('satisfies a schema with %s', (_name, schema) => {
    for (let seed = 0; seed < 20; seed += 1) {
      const instance = instanceOf(schema, { dice: diceFrom(String(seed)) });
      const validate = ajv.compile(schema);
      expect(validate(instance), `${JSON.stringify(instance)}: ${ajv.errorsText(validate.errors)}`).toBe(
        true,
      );
    }
  });

  it('is the same for the same dice', () => {
    const schema = CASES()[0]![1];
    expect(instanceOf(schema, { dice: diceFrom('a') })).toEqual(instanceOf(schema, { dice: diceFrom('a') }));
  });

  it.each<[string, JsonObject]>([
    ['lists of lists without end', { items: { $ref: '#' }, minItems: 3 }],
    [
      'more items than anybody wants',
      { type: 'array', items: { type: 'array', minItems: 1e9 }, minItems: 1e9 },
    ],
    ['an endless text', { type: 'string', minLength: 1e300 }],
    [
      'quantifiers within quantifiers',
      { type: 'string', pattern: '((((a{900}){900}){900}){900})+', minLength: 1e6 },
    ],
    ['itself and nothing else', { $ref: '#' }],
    ['an object that needs itself', { type: 'object', properties: { a: { $ref: '#' } }, required: ['a'] }],
  ])('comes to an end for a schema that demands %s', (_name, schema) => {
    const made = instanceOf(schema, { dice: diceFrom('a') });
    expect(JSON.stringify(made).length).toBeLessThan(200_000);
  });

  it('takes hints where they satisfy the schema', () => {
    const schema = {
      type: 'object',
      properties: {
        city: { type: 'string' },
        unit: { enum: ['c', 'f'] },
        days: { type: 'integer', maximum: 7 },
      },
      required: ['city', 'unit', 'days'],
    };
    const hints: { readonly [name: string]: Json } = { city: 'Rome', unit: 'f', days: 30 };
    const made = instanceOf(schema, { dice: diceFrom('a'), hint: (name) => hints[name] });
    expect(made).toEqual({ city: 'Rome', unit: 'f', days: 7 });
  });
});

function CASES(): [string, JsonObject][] {
  return [
    [
      'definitions, formats and bounds',
      {
        type: 'object',
        properties: {
          id: { type: 'string', format: 'uuid' },
          at: { type: 'string', format: 'date-time' },
          mail: { type: 'string', format: 'email' },
          person: { $ref: '#/$defs/person' },
          scores: {
            type: 'array',
            items: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 },
            minItems: 3,
          },
        },
        required: ['id', 'at', 'mail', 'person', 'scores'],
        additionalProperties: false,
        $defs: {
          person: {
            type: 'object',
            properties: { age: { type: 'integer', minimum: 1, maximum: 9 } },
            required: ['age'],
          },
        },
      },
    ],
    [
      'recursion through anyOf',
      {
        $ref: '#/$defs/node',
        $defs: {
          node: {
            type: 'object',
            properties: {
              value: { type: 'string' },
              next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] },
            },
            required: ['value', 'next'],
            additionalProperties: false,
          },
        },
      },
    ],
    [
      'recursion through items',
      {
        type: 'object',
        properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#' } } },
        required: ['name', 'children'],
      },
    ],
    ['a pattern', { type: 'string', pattern: '^[A-Z]{2}-\\d{3,5}(?:-(?:x|y))?$' }],
    ['a pattern and a length', { type: 'string', pattern: '^[a-z0-9_]+$', minLength: 12, maxLength: 16 }],
    [
      'a pattern with alternatives',
      { type: 'string', pattern: '^(foo|ba[rz])\\s\\w+@[^\\s@]+\\.(?:com|org)$' },
    ],
    [
      'a tuple',
      { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], items: false, minItems: 2 },
    ],
    ['unique items', { type: 'array', items: { enum: [1, 2, 3] }, uniqueItems: true, minItems: 1 }],
    [
      'allOf',
      {
        allOf: [
          { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
          { properties: { b: { const: 4 } }, required: ['b'] },
        ],
      },
    ],
    ['a map of values', { type: 'object', additionalProperties: { type: 'integer' }, minProperties: 2 }],
    ['a nullable type', { type: ['string', 'null'], minLength: 3 }],
    [
      'a discriminated union',
      {
        oneOf: [
          { type: 'object', properties: { k: { const: 'a' } }, required: ['k'] },
          { type: 'object', properties: { k: { const: 'b' } }, required: ['k'] },
        ],
      },
    ],
    ['a required name without a schema', { type: 'object', required: ['x'], properties: {} }],
    ['bounds on both sides of the grid', { type: 'integer', exclusiveMinimum: 3, exclusiveMaximum: 5 }],
    ['a fine grid', { type: 'number', multipleOf: 0.01, minimum: 0.05, maximum: 0.3 }],
  ];
}

function schemas(): fc.Arbitrary<JsonObject> {
  const { schema } = fc.letrec<{ schema: JsonObject }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      strings(),
      numbers(),
      integers(),
      constants(),
      arrays(tie('schema')),
      objects(tie('schema')),
      unions(tie('schema')),
    ),
  }));
  return schema;
}

function strings(): fc.Arbitrary<JsonObject> {
  return fc.oneof(
    fc
      .record({ least: fc.nat(20), extra: fc.nat(20) })
      .map(({ least, extra }) => ({ type: 'string', minLength: least, maxLength: least + extra })),
    fc
      .constantFrom('date', 'date-time', 'email', 'uuid', 'ipv4', 'uri', 'time')
      .map((format) => ({ type: 'string', format })),
    fc
      .constantFrom('^a+$', '^[0-9]{4}-[0-9]{2}$', '^(x|y)z?$', '\\d')
      .map((pattern) => ({ type: 'string', pattern })),
  );
}

function numbers(): fc.Arbitrary<JsonObject> {
  return fc
    .record({
      low: fc.integer({ min: -1000, max: 1000 }),
      width: fc.integer({ min: 1, max: 50 }),
      open: fc.boolean(),
    })
    .map(({ low, width, open }) =>
      open
        ? { type: 'number', exclusiveMinimum: low, exclusiveMaximum: low + width }
        : { type: 'number', minimum: low, maximum: low + width },
    );
}

function integers(): fc.Arbitrary<JsonObject> {
  return fc
    .record({ low: fc.integer({ min: -1000, max: 1000 }), step: fc.integer({ min: 1, max: 7 }) })
    .map(({ low, step }) => ({ type: 'integer', minimum: low, maximum: low + 2 * step, multipleOf: step }));
}

function constants(): fc.Arbitrary<JsonObject> {
  return fc.oneof(
    fc.jsonValue({ maxDepth: 1 }).map((value) => ({ const: value as Json })),
    fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 4 }).map((values) => ({ enum: values })),
    fc.constant({ type: 'boolean' }),
    fc.constant({ type: 'null' }),
  );
}

function arrays(items: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> {
  return fc.record({ items, least: fc.nat(3), extra: fc.nat(3) }).map(({ items: item, least, extra }) => ({
    type: 'array',
    items: item,
    minItems: least,
    maxItems: least + extra,
  }));
}

function objects(value: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> {
  const name = fc.stringMatching(/^[a-z_]{1,8}$/);
  return fc
    .record({
      properties: fc.dictionary(name, value, { maxKeys: 4 }),
      all: fc.boolean(),
      closed: fc.boolean(),
    })
    .map(({ properties, all, closed }) => ({
      type: 'object',
      properties,
      required: Object.keys(properties).slice(0, all ? 10 : 1),
      ...(closed ? { additionalProperties: false } : {}),
    }));
}

function unions(branch: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> {
  return fc.array(branch, { minLength: 1, maxLength: 3 }).map((branches) => ({ anyOf: branches }));
}

// What ajv-formats would check, as far as the cases need it.
function FORMATS(): { [name: string]: RegExp } {
  return {
    date: /^\d{4}-\d{2}-\d{2}$/,
    time: /^\d{2}:\d{2}:\d{2}Z$/,
    'date-time': /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/,
    email: /^[^@\s]+@[^@\s]+\.[a-z]+$/,
    uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    ipv4: /^(?:\d{1,3}\.){3}\d{1,3}$/,
    uri: /^https:\/\/\S+$/,
  };
}
