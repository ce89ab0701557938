import { asArray, field, isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Placed } from './reading.ts';

/** A field by its camelCase name or its snake_case one: Google's parser takes both. */
export function either(value: Json | undefined, camel: string): Json | undefined {
  const snake = camel.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return field(value, camel) ?? field(value, snake);
}

/** The objects of a list, or the one object that stands in its place. */
export function listAt(value: Json | undefined, camel: string): readonly Placed[] {
  const found = either(value, camel);
  const items = isObject(found) ? [found] : asArray(found);
  return items.flatMap((item, index) => (isObject(item) ? [{ index, value: item }] : []));
}

/** The parts of a content that hold this kind of data. */
export function partsWith(content: JsonObject, camel: string): readonly Placed[] {
  return listAt(content, 'parts').filter(({ value }) => isObject(either(value, camel)));
}
