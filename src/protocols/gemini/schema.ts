import { isArray, isObject, setOwn, type Json, type JsonObject } from '../../base/json.ts';
import { camelKeys, countOf } from './wire.ts';

/**
 * Google's older schema language (a subset of OpenAPI 3.0: upper-case types, `nullable`, limits as text) as JSON Schema,
 * which every other wire and Google's own `parametersJsonSchema` understand.
 */
export function toJsonSchema(schema: JsonObject): JsonObject {
  const source = camelKeys(schema);
  const result: { [key: string]: Json } = {};
  for (const key of Object.keys(source)) {
    const value = source[key];
    if (value !== undefined && !NOT_JSON_SCHEMA.includes(key)) setOwn(result, key, keyword(key, value));
  }
  const type = source['type'];
  if (source['nullable'] === true && typeof type === 'string') result['type'] = [type.toLowerCase(), 'null'];
  if (source['example'] !== undefined) result['examples'] = [source['example']];
  return result;
}

// `propertyOrdering` is a wish that JSON Schema cannot express; the order of `properties` says the same to most models.
const NOT_JSON_SCHEMA = ['nullable', 'example', 'propertyOrdering'];
const LIMITS = ['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties'];

function keyword(key: string, value: Json): Json {
  if (key === 'type' && typeof value === 'string') return value.toLowerCase();
  if (key === 'properties' && isObject(value)) return mapped(value);
  if ((key === 'items' || key === 'additionalProperties') && isObject(value)) return toJsonSchema(value);
  if (key === 'anyOf' && isArray(value)) {
    return value.map((branch) => (isObject(branch) ? toJsonSchema(branch) : branch));
  }
  return LIMITS.includes(key) ? (countOf(value) ?? value) : value;
}

function mapped(properties: JsonObject): JsonObject {
  const result: { [key: string]: Json } = {};
  for (const name of Object.keys(properties)) {
    const value = properties[name];
    if (value !== undefined) setOwn(result, name, isObject(value) ? toJsonSchema(value) : value);
  }
  return result;
}
