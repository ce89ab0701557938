import { asArray, asString, field, isObject, setOwn, type Json } from '../../base/json.ts';

/**
 * Arguments of a call that Vertex streams piece by piece (`streamFunctionCallArguments`): each piece names its place by a
 * JSON path such as `$.recipe.steps[2]` and brings a value, text in several parts. Text could not be passed on as it
 * comes, because JSON text needs its brackets in order, so the pieces are put together and written out at the end.
 */
export class PartialArguments {
  readonly #root: Holder = { value: {} };

  /** Takes the `partialArgs` of one event. */
  add(partialArgs: Json | undefined): void {
    for (const piece of asArray(partialArgs)) {
      const path = pathOf(asString(field(piece, 'jsonPath')) ?? '');
      const value = valueOf(piece);
      if (path !== null && value !== undefined) this.#root.value = put(this.#root.value, path, value);
    }
  }

  /** The whole arguments as JSON text. */
  text(): string {
    return JSON.stringify(this.#root.value);
  }
}

interface Holder {
  value: Json;
}

// Paths longer than this, and lists longer than that, come from no tool's schema.
const STEPS_MAX = 64;
const ITEMS_MAX = 10_000;

function pathOf(path: string): readonly (string | number)[] | null {
  if (!path.startsWith('$')) return null;
  const steps: (string | number)[] = [];
  for (const [, name, quoted, index] of path.matchAll(/\.([^.[\]]+)|\[['"]([^'"]*)['"]\]|\[(\d+)\]/g)) {
    steps.push(index === undefined ? (name ?? quoted ?? '') : Number(index));
  }
  const tooFar = steps.some((step) => typeof step === 'number' && step > ITEMS_MAX);
  return steps.length === 0 || steps.length > STEPS_MAX || tooFar ? null : steps;
}

function valueOf(piece: Json): Json | undefined {
  const given = field(piece, 'stringValue') ?? field(piece, 'numberValue') ?? field(piece, 'boolValue');
  return given ?? (field(piece, 'nullValue') === undefined ? undefined : null);
}

// Text is added to text that stands there already; everything else is set.
function put(at: Json, path: readonly (string | number)[], value: Json): Json {
  const [step, ...rest] = path;
  if (step === undefined) return typeof at === 'string' && typeof value === 'string' ? at + value : value;
  if (typeof step === 'number') {
    const items = [...asArray(at)];
    while (items.length < step) items.push(null);
    items[step] = put(items[step] ?? null, rest, value);
    return items;
  }
  const object: { [key: string]: Json } = {};
  if (isObject(at)) for (const key of Object.keys(at)) setOwn(object, key, at[key] ?? null);
  setOwn(object, step, put(field(at, step) ?? null, rest, value));
  return object;
}
