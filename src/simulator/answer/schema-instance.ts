import { asArray, asNumber, field, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Dice } from './dice.ts';
import { numberOf } from './schema-number.ts';
import { flatten, typeOf, type FlatSchema, type SchemaType } from './schema-flatten.ts';
import { stringOf } from './schema-string.ts';

/** Proposes a value for a property from elsewhere, such as the prompt; undefined where it knows none. */
export type Hint = (name: string, schema: JsonObject) => Json | undefined;

export interface InstanceOptions {
  readonly dice: Dice;
  readonly hint?: Hint;
  /** `made`: optional properties are there, the default. `hinted`: only those for which the hint knows a value. */
  readonly optional?: 'made' | 'hinted';
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
/** No instance has more values than this, whatever the schema demands, and no list or object more members. */
const VALUES_MAX = 5000;
const MEMBERS_MAX = 1000;
const ITEMS_USUAL = 2;

class Maker {
  readonly #root: Json;
  readonly #dice: Dice;
  readonly #hint: Hint;
  readonly #optional: 'made' | 'hinted';
  #made = 0;

  constructor(root: Json, options: InstanceOptions) {
    this.#root = root;
    this.#dice = options.dice;
    this.#hint = options.hint ?? (() => undefined);
    this.#optional = options.optional ?? 'made';
  }

  make(schema: Json, name: string, depth: number): Json {
    this.#made += 1;
    if (depth > DEPTH_MAX || this.#made > VALUES_MAX) return null;
    const flat = flatten(schema, this.#root, depth >= SHALLOW_DEPTH);
    if (flat['const'] !== undefined) return flat['const'];
    const hinted = name === '' ? undefined : this.#hint(name, flat);
    const choices = asArray(flat['enum']);
    if (choices.length > 0) return choiceOf(choices, hinted, name, this.#dice);
    const type = typeOf(flat);
    if (type === 'object') return this.#object(flat, depth);
    if (type === 'array') return this.#array(flat, name, depth);
    return this.#scalar(type, flat, name, hinted);
  }

  #scalar(
    type: Exclude<SchemaType, 'object' | 'array'>,
    flat: FlatSchema,
    name: string,
    hinted: Json | undefined,
  ): Json {
    switch (type) {
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

  #object(schema: FlatSchema, depth: number): Json {
    const properties = field(schema, 'properties');
    const free = schema['additionalProperties'] ?? {};
    const entries = namesOf(schema, depth, this.#hinted(properties)).map((name): readonly [string, Json] => {
      const own = field(properties, name) ?? (free === false ? {} : free);
      return [name, this.make(own, name, depth + 1)];
    });
    return Object.fromEntries(entries);
  }

  // The optional properties that are wanted; null means all.
  #hinted(properties: Json | undefined): ReadonlySet<string> | null {
    if (this.#optional === 'made') return null;
    const entries = isObject(properties) ? Object.entries(properties) : [];
    const known = entries.filter(
      ([name, schema]) => isObject(schema) && this.#hint(name, schema) !== undefined,
    );
    return new Set(known.map(([name]) => name));
  }

  #array(schema: FlatSchema, name: string, depth: number): Json {
    const list = listOf(schema, depth);
    const made: Json[] = [];
    const seen = new Set<string>();
    const itemName = name.replace(/s$/, '');
    // A list of distinct items may need several throws for one of them.
    for (let tries = 0; made.length < list.length && tries < list.length * 20; tries += 1) {
      const nameOfItem = tries === 0 ? itemName : `${itemName}_${tries}`;
      const item = this.make(list.tuple[made.length] ?? list.rest, nameOfItem, depth + 1);
      const key = JSON.stringify(item);
      if (schema['uniqueItems'] === true && seen.has(key)) continue;
      seen.add(key);
      made.push(item);
    }
    return made;
  }
}

/** Which properties to make: all that are required, the others where they are wanted and the schema is not too deep. */
function namesOf(schema: FlatSchema, depth: number, hinted: ReadonlySet<string> | null): readonly string[] {
  const properties = field(schema, 'properties');
  const own = isObject(properties) ? Object.keys(properties) : [];
  const required = asArray(schema['required']).filter((name) => typeof name === 'string');
  const others = own.filter((name) => !required.includes(name));
  const meant = hinted === null ? others : others.filter((name) => hinted.has(name));
  const optional = [...meant, ...others.filter((name) => !meant.includes(name))];
  const least = asNumber(schema['minProperties']) ?? 0;
  const most = asNumber(schema['maxProperties']) ?? Infinity;
  const deep = depth >= SHALLOW_DEPTH;
  const wanted = Math.max(deep ? 0 : meant.length, least - required.length);
  const names = [...required, ...optional.slice(0, Math.max(0, Math.min(wanted, most - required.length)))];
  // A map of free keys (no properties of its own) gets an entry, or as many as it must have.
  const isMap = own.length === 0 && isObject(schema['additionalProperties']) && !deep;
  const count = Math.min(Math.max(least, isMap ? 1 : 0), most, MEMBERS_MAX);
  for (let i = 1; names.length < count; i += 1) names.push(`key_${i}`);
  return names;
}

interface List {
  readonly length: number;
  readonly tuple: readonly Json[];
  /** Schema of the items behind the tuple. */
  readonly rest: Json;
}

function listOf(schema: FlatSchema, depth: number): List {
  const { items, prefixItems, additionalItems } = schema;
  const tuple = asArray(prefixItems ?? (isArray(items) ? items : undefined));
  const rest = isArray(items) ? additionalItems : items;
  const least = asNumber(schema['minItems']) ?? 0;
  const most = rest === false ? tuple.length : (asNumber(schema['maxItems']) ?? Infinity);
  const usual = tuple.length > 0 ? tuple.length : ITEMS_USUAL;
  const wanted = depth >= SHALLOW_DEPTH ? least : Math.max(usual, least);
  return { length: Math.min(wanted, most, MEMBERS_MAX), tuple, rest: rest ?? {} };
}

// The hint where it is one of the choices, the first in most cases, and any for the later items of a list.
function choiceOf(choices: readonly Json[], hinted: Json | undefined, name: string, dice: Dice): Json {
  if (hinted !== undefined && choices.includes(hinted)) return hinted;
  const later = /_\d+$/.test(name);
  return choices[later ? dice.below(choices.length) : 0] ?? null;
}
