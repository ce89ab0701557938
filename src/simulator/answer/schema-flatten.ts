import { percentDecoded } from '../percent.ts';
import { asArray, asNumber, field, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts';

/** A schema without references and branches: one object of keywords that all must hold. */
export type FlatSchema = JsonObject;

export type SchemaType = 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null';

/** Resolves references, merges `allOf` and takes one branch of `anyOf` and `oneOf`; a shallow branch where asked. */
export function flatten(schema: Json, root: Json, shallow: boolean): FlatSchema {
  let flat: FlatSchema = isObject(schema) ? schema : {};
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const reference = flat['$ref'];
    if (typeof reference === 'string') {
      flat = merge(without(flat, '$ref'), resolve(reference, root));
    } else if (isArray(flat['allOf'])) {
      flat = asArray(flat['allOf']).reduce<FlatSchema>(merge, without(flat, 'allOf'));
    } else {
      const key = isArray(flat['anyOf']) ? 'anyOf' : isArray(flat['oneOf']) ? 'oneOf' : null;
      if (key === null) return flat;
      flat = merge(without(flat, key), branchOf(asArray(flat[key]), root, shallow));
    }
  }
  return flat;
}

/** The type to make: the one given, the first that is not `null` of several, or what the keywords speak of. */
export function typeOf(schema: FlatSchema): SchemaType {
  const given = schema['type'];
  const names = (isArray(given) ? given : [given]).filter(isSchemaType);
  const chosen = names.find((name) => name !== 'null') ?? names[0];
  if (chosen !== undefined) return chosen;
  for (const [keyword, type] of SPEAKING) {
    if (schema[keyword] !== undefined) return type;
  }
  return 'string';
}

/** References within references beyond this are a circle without content. */
const STEPS_MAX = 50;

const TYPES: readonly string[] = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];

const SPEAKING: readonly (readonly [keyword: string, type: SchemaType])[] = [
  ['properties', 'object'],
  ['required', 'object'],
  ['additionalProperties', 'object'],
  ['items', 'array'],
  ['prefixItems', 'array'],
  ['minimum', 'number'],
  ['maximum', 'number'],
  ['multipleOf', 'number'],
];

// Some wires (Gemini's schema subset) write type names in capitals.
function isSchemaType(value: Json | undefined): value is SchemaType {
  return typeof value === 'string' && TYPES.includes(value);
}

function resolve(reference: string, root: Json): Json {
  if (!reference.startsWith('#')) return {};
  let at: Json | undefined = root;
  for (const raw of reference.slice(1).split('/').slice(1)) {
    const key = percentDecoded(raw).replaceAll('~1', '/').replaceAll('~0', '~');
    at = isArray(at) ? at[Number(key)] : field(at, key);
  }
  return at ?? {};
}

function branchOf(branches: readonly Json[], root: Json, shallow: boolean): Json {
  const usable = branches.filter((branch) => branch !== false);
  const isNull = (branch: Json): boolean => field(branch, 'type') === 'null';
  if (shallow) {
    const flatBranch = usable.find((branch) => isNull(branch) || isFlat(branch, root));
    if (flatBranch !== undefined) return flatBranch;
  }
  return usable.find((branch) => !isNull(branch)) ?? usable[0] ?? {};
}

// Whether an instance of it can be made without going deeper.
function isFlat(branch: Json, root: Json): boolean {
  const reference = field(branch, '$ref');
  const schema = typeof reference === 'string' ? resolve(reference, root) : branch;
  if (!isObject(schema)) return true;
  const type = typeOf(schema);
  if (type === 'array') return (asNumber(schema['minItems']) ?? 0) === 0;
  if (type === 'object') return asArray(schema['required']).length === 0;
  return field(schema, '$ref') === undefined && field(schema, 'anyOf') === undefined;
}

function without(schema: FlatSchema, key: string): FlatSchema {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== key));
}

// Both must hold: bounds tighten, properties and requirements unite, types and choices intersect.
function merge(left: FlatSchema, right: Json): FlatSchema {
  if (!isObject(right)) return left;
  const result: { [key: string]: Json | undefined } = { ...left };
  for (const [key, value] of Object.entries(right)) {
    const before = result[key];
    if (value !== undefined) result[key] = before === undefined ? value : both(key, before, value);
  }
  return result;
}

function both(key: string, left: Json, right: Json): Json {
  const merger = Object.hasOwn(MERGERS, key) ? MERGERS[key] : undefined;
  return merger === undefined ? right : merger(left, right);
}

type Merger = (left: Json, right: Json) => Json;

const larger: Merger = (left, right) => Math.max(asNumber(left) ?? -Infinity, asNumber(right) ?? -Infinity);
const smaller: Merger = (left, right) => Math.min(asNumber(left) ?? Infinity, asNumber(right) ?? Infinity);

const MERGERS: { readonly [keyword: string]: Merger | undefined } = {
  minimum: larger,
  exclusiveMinimum: larger,
  minLength: larger,
  minItems: larger,
  minProperties: larger,
  maximum: smaller,
  exclusiveMaximum: smaller,
  maxLength: smaller,
  maxItems: smaller,
  maxProperties: smaller,
  required: (left, right) => [...new Set([...asArray(left), ...asArray(right)])],
  allOf: (left, right) => [...asArray(left), ...asArray(right)],
  enum: (left, right) => asArray(right).filter((value) => asArray(left).includes(value)),
  properties: (left, right) => (isObject(left) ? unite(left, right) : right),
  type: commonType,
};

function unite(left: JsonObject, right: Json): Json {
  if (!isObject(right)) return left;
  const result: { [key: string]: Json | undefined } = { ...left };
  for (const [name, schema] of Object.entries(right)) {
    const before = result[name];
    result[name] = before === undefined || schema === undefined ? schema : { allOf: [before, schema] };
  }
  return result;
}

function commonType(left: Json, right: Json): Json {
  const names = isArray(left) ? left : [left];
  const others = isArray(right) ? right : [right];
  if (names.includes('number') && others.includes('integer')) return 'integer';
  if (names.includes('integer') && others.includes('number')) return 'integer';
  return names.filter((name) => others.includes(name));
}
