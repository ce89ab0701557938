import { asArray, asNumber, field, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Dice } from './dice.ts';
import { numberOf } from './schema-number.ts';
import { flatten, typeOf, type FlatSchema } from './schema-flatten.ts';
import { stringOf } from './schema-string.ts';

/** Proposes a value for a property from elsewhere, such as the prompt; undefined where it knows none. */
export type Hint = (name: string, schema: JsonObject) => Json | undefined;

export interface InstanceOptions {
  readonly dice: Dice;
  readonly hint?: Hint;
}

/**
 * A value that satisfies a JSON Schema (drafts 7 to 2020-12): types, enum, const, properties, required, items, tuples,
 * bounds, lengths, patterns, formats, `$ref`, `allOf`, and one branch of `anyOf` and `oneOf`. Not honoured are `not`,
 * `if`, `contains`, `patternProperties` and `dependentSchemas`, which structured output of real providers lacks as well.
 */
export function instanceOf(schema: Json, options: InstanceOptions): Json {
  return new Maker(schema, options).make(schema, '', 0);
}

/** From this depth on only what must be there is made, so recursive schemas come to an end. */
const SHALLOW_DEPTH = 3;
/** A schema that demands itself without an exit has no finite instance; making gives up here. */
const DEPTH_MAX = 24;
const ITEMS_USUAL = 2;

class Maker {
  readonly #root: Json;
  readonly #dice: Dice;
  readonly #hint: Hint;

  constructor(root: Json, options: InstanceOptions) {
    this.#root = root;
    this.#dice = options.dice;
    this.#hint = options.hint ?? (() => undefined);
  }

  make(schema: Json, name: string, depth: number): Json {
    if (depth > DEPTH_MAX) return null;
    const flat = flatten(schema, this.#root, depth >= SHALLOW_DEPTH);
    if (flat['const'] !== undefined) return flat['const'];
    const type = typeOf(flat);
    const hinted = name === '' ? undefined : this.#hint(name, flat);
    const choices = asArray(flat['enum']);
    if (choices.length > 0) return this.#choice(choices, hinted);
    switch (type) {
      case 'object':
        return this.#object(flat, depth);
      case 'array':
        return this.#array(flat, name, depth);
      case 'string':
        return stringOf(flat, name, this.#dice, hinted);
      case 'number':
      case 'integer':
        return numberOf(flat, name, this.#dice, hinted);
      case 'boolean':
        return typeof hinted === 'boolean' ? hinted : this.#dice.below(2) === 0;
      case 'null':
        return null;
    }
  }

  #choice(choices: readonly Json[], hinted: Json | undefined): Json {
    if (hinted !== undefined && choices.includes(hinted)) return hinted;
    return choices[0] ?? null;
  }

  #object(schema: FlatSchema, depth: number): Json {
    const result = new Map<string, Json>();
    const properties = field(schema, 'properties');
    const required = asArray(schema['required']).filter((name) => typeof name === 'string');
    const sizeMin = asNumber(schema['minProperties']) ?? 0;
    const sizeMax = asNumber(schema['maxProperties']) ?? Infinity;
    const own = isObject(properties) ? Object.keys(properties) : [];
    const optional = own.filter((name) => !required.includes(name));
    const wanted = depth >= SHALLOW_DEPTH ? Math.max(0, sizeMin - required.length) : optional.length;
    const extra = schema['additionalProperties'] ?? {};
    const names = [...required, ...optional.slice(0, Math.min(wanted, sizeMax - required.length))];
    // A map of free keys (no properties of its own) gets an entry, or as many as it must have.
    const freeEntries =
      own.length === 0 && isObject(schema['additionalProperties']) && depth < SHALLOW_DEPTH ? 1 : 0;
    for (let i = 1; names.length < Math.min(Math.max(sizeMin, freeEntries), sizeMax); i += 1)
      names.push(`key_${i}`);
    for (const name of names) {
      const schemaOfName = own.includes(name)
        ? (field(properties, name) ?? {})
        : extra === false
          ? {}
          : extra;
      result.set(name, this.make(schemaOfName, name, depth + 1));
    }
    return Object.fromEntries(result);
  }

  #array(schema: FlatSchema, name: string, depth: number): Json {
    const items = schema['items'];
    const tuple = asArray(schema['prefixItems'] ?? (isArray(items) ? items : undefined));
    const rest = isArray(items) ? schema['additionalItems'] : items;
    const least = asNumber(schema['minItems']) ?? 0;
    const most = asNumber(schema['maxItems']) ?? Infinity;
    const usual = depth >= SHALLOW_DEPTH ? least : tuple.length > 0 ? tuple.length : ITEMS_USUAL;
    const wanted = Math.min(Math.max(usual, least), most, rest === false ? tuple.length : Infinity);
    const made: Json[] = [];
    const seen = new Set<string>();
    const unique = schema['uniqueItems'] === true;
    const itemName = name.replace(/s$/, '');
    for (let tries = 0; made.length < wanted && tries < wanted * 20 + 20; tries += 1) {
      const item = this.make(
        tuple[made.length] ?? rest ?? {},
        tries === 0 ? itemName : `${itemName}_${tries}`,
        depth + 1,
      );
      const key = JSON.stringify(item);
      if (unique && seen.has(key)) continue;
      seen.add(key);
      made.push(item);
    }
    return made;
  }
}
