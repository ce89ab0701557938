import { isArray, isObject, setOwn, type Json, type JsonObject } from '../../base/json.ts';

/** A schema that structured output accepts, and the keywords that had to go. */
interface StrictSchema {
  readonly schema: JsonObject;
  readonly dropped: readonly string[];
}

/**
 * Makes a schema fit for `output_config.format`: objects must forbid further properties, and bounds of numbers, lengths and
 * counts are refused. A schema that fits already comes back with the same content.
 */
export function strictSchema(schema: JsonObject): StrictSchema {
  const dropped = new Set<string>();
  const strict = strictObject(schema, dropped);
  return { schema: strict, dropped: [...dropped] };
}

const REFUSED: ReadonlySet<string> = new Set([
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
]);

// Keywords whose value maps names to schemas: those names are the user's and never keywords.
const MAPS: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions', 'patternProperties']);

// Keywords whose value is data and not a schema.
const DATA: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'examples', 'required']);

function strictObject(schema: JsonObject, dropped: Set<string>): JsonObject {
  const result: { [key: string]: Json } = {};
  for (const key of Object.keys(schema)) {
    const value = schema[key];
    if (value === undefined) continue;
    if (isRefused(key, value)) dropped.add(key);
    else setOwn(result, key, strictValue(key, value, dropped));
  }
  const isObjectSchema = schema['type'] === 'object' || isObject(schema['properties']);
  if (isObjectSchema && schema['additionalProperties'] !== false) result['additionalProperties'] = false;
  return result;
}

// Of the counts only "none" and "at least one" are accepted.
function isRefused(key: string, value: Json): boolean {
  return REFUSED.has(key) || (key === 'minItems' && value !== 0 && value !== 1);
}

function strictValue(key: string, value: Json, dropped: Set<string>): Json {
  if (DATA.has(key)) return value;
  if (MAPS.has(key) && isObject(value)) {
    const result: { [name: string]: Json } = {};
    for (const name of Object.keys(value)) setOwn(result, name, strictAny(value[name] ?? null, dropped));
    return result;
  }
  return strictAny(value, dropped);
}

function strictAny(value: Json, dropped: Set<string>): Json {
  if (isArray(value)) return value.map((item) => strictAny(item, dropped));
  return isObject(value) ? strictObject(value, dropped) : value;
}
