import { isObject, setOwn, type Json, type JsonObject } from '../../base/json.ts';

/**
 * Facts of Google's generateContent wire that several files need (discovery document `generativelanguage` v1beta,
 * revision 20260717). It is proto3 JSON: names may come in snake case, absent fields are the default, and 64-bit
 * integers may come as text.
 */

/**
 * The object with its own keys in lower camel case. Google's parser takes both spellings and its Python clients send
 * snake case (62 recorded parts). Only this level is touched: arguments, schemas and answers of tools belong to the user.
 */
export function camelKeys(object: JsonObject): JsonObject {
  if (!Object.keys(object).some((key) => key.includes('_'))) return object;
  const result: { [key: string]: Json } = {};
  for (const key of Object.keys(object)) {
    const value = object[key];
    if (value !== undefined) setOwn(result, camel(key), value);
  }
  return result;
}

/** The value as an object with camel-case keys; empty where it is no object. */
export function camelObject(value: Json | undefined): JsonObject {
  return isObject(value) ? camelKeys(value) : {};
}

/** The object without some of its fields; undefined where nothing is left. */
export function leftover(object: JsonObject, known: readonly string[]): JsonObject | undefined {
  const rest: { [key: string]: Json } = {};
  for (const key of Object.keys(object)) {
    const value = object[key];
    if (value !== undefined && !known.includes(key)) setOwn(rest, key, value);
  }
  return Object.keys(rest).length === 0 ? undefined : rest;
}

/** The two objects in one, level by level; where both have a value that is no object, the second wins. */
export function merged(under: JsonObject, over: JsonObject): JsonObject {
  const result: { [key: string]: Json } = {};
  for (const key of Object.keys(under)) {
    const value = under[key];
    if (value !== undefined) setOwn(result, key, value);
  }
  for (const key of Object.keys(over)) {
    const value = over[key];
    if (value === undefined) continue;
    const below = Object.hasOwn(under, key) ? under[key] : undefined;
    setOwn(result, key, isObject(value) && isObject(below) ? merged(below, value) : value);
  }
  return result;
}

/** A count, which proto3 JSON may write as a number or as text. */
export function countOf(value: Json | undefined): number | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** The status words of google.rpc.Code that stand in Google's error envelope. */
export type GoogleStatus =
  | 'CANCELLED'
  | 'UNKNOWN'
  | 'INVALID_ARGUMENT'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'OUT_OF_RANGE'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'DATA_LOSS'
  | 'UNAUTHENTICATED';

function camel(key: string): string {
  return key.replace(
    /([a-z0-9])_([a-z])/g,
    (_, before: string, letter: string) => before + letter.toUpperCase(),
  );
}
