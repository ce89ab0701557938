import { isArray, isObject, type Json, type JsonObject } from '../../base/json.ts';
import { invalid } from '../../spec/error.ts';

/**
 * Readers of a client's fields. Each returns undefined where the field is missing or null, which clients send for "not
 * given", and throws `invalid_request` with the field's path where it is of another type.
 */

/** The value as an object, which must be there. */
export function requiredObject(value: Json | undefined, path: string): JsonObject {
  if (isObject(value)) return value;
  throw wrong(path, 'an object', value);
}

/** The field as an object. */
export function optionalObject(object: JsonObject, name: string, path = name): JsonObject | undefined {
  const value = given(object, name);
  return value === undefined ? undefined : requiredObject(value, path);
}

/** The field as a list. */
export function optionalList(object: JsonObject, name: string, path = name): readonly Json[] | undefined {
  const value = given(object, name);
  if (value === undefined || isArray(value)) return value;
  throw wrong(path, 'an array', value);
}

/** The field as text, which must be there. */
export function requiredText(object: JsonObject, name: string, path = name): string {
  const value = given(object, name);
  if (typeof value === 'string') return value;
  throw wrong(path, 'a string', value);
}

/** The field as text. */
export function optionalText(object: JsonObject, name: string, path = name): string | undefined {
  const value = given(object, name);
  if (value === undefined || typeof value === 'string') return value;
  throw wrong(path, 'a string', value);
}

/** The field as true or false. */
export function optionalBoolean(object: JsonObject, name: string, path = name): boolean | undefined {
  const value = given(object, name);
  if (value === undefined || typeof value === 'boolean') return value;
  throw wrong(path, 'a boolean', value);
}

/** Bounds of a number, both included. */
export interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/** The field as a number within bounds. */
export function optionalNumber(object: JsonObject, name: string, bounds: Bounds = {}): number | undefined {
  const value = given(object, name);
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(name, 'a number', value);
  const { min = -Infinity, max = Infinity } = bounds;
  if (value < min) throw invalid(name, `${name} is ${value}, but must be ${min} or more.`);
  if (value > max) throw invalid(name, `${name} is ${value}, but must be ${max} or less.`);
  return value;
}

/** The field as a whole number within bounds. */
export function optionalInteger(object: JsonObject, name: string, bounds: Bounds = {}): number | undefined {
  const value = optionalNumber(object, name, bounds);
  if (value === undefined || Number.isInteger(value)) return value;
  throw invalid(name, `${name} is ${value}, but must be a whole number.`);
}

/** The error that names a field, what it should be and what it is. */
export function wrong(path: string, expected: string, value: Json | undefined): Error {
  if (value === undefined || value === null)
    return invalid(path, `${path} is missing; it must be ${expected}.`);
  return invalid(path, `${path} must be ${expected}, but is ${kindOf(value)}.`);
}

function given(object: JsonObject, name: string): Json | undefined {
  if (!Object.hasOwn(object, name)) return undefined;
  return object[name] ?? undefined;
}

function kindOf(value: Json): string {
  if (isArray(value)) return 'an array';
  if (isObject(value)) return 'an object';
  return typeof value === 'string' ? 'a string' : `the ${typeof value} ${String(value)}`;
}
