import { asArray, field, isObject, type Json, type JsonObject } from '../../base/json.ts';

/** The items of a field that are objects, with their positions. */
export function objectsAt(value: Json | undefined, key: string): readonly Placed[] {
  const found: Placed[] = [];
  asArray(field(value, key)).forEach((item, index) => {
    if (isObject(item)) found.push({ index, value: item });
  });
  return found;
}

/** An object and its position in its list. */
export interface Placed {
  readonly index: number;
  readonly value: JsonObject;
}

/** Whether a field was given with a value other than null. */
export function isGiven(body: JsonObject, key: string): boolean {
  const value = field(body, key);
  return value !== undefined && value !== null;
}

/** The objects below a value at any depth that have a field of this name. */
export function carriersOf(value: Json | undefined, key: string): readonly JsonObject[] {
  if (Array.isArray(value)) return asArray(value).flatMap((item) => carriersOf(item, key));
  if (!isObject(value)) return [];
  const own = isGiven(value, key) ? [value] : [];
  return [...own, ...Object.values(value).flatMap((item) => carriersOf(item, key))];
}
