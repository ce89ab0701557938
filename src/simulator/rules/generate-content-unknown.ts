import { isArray, isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Refusal } from '../refusal.ts';
import { SHAPE } from './generate-content-shape.ts';

/** The refusal of the first field that Google's parser does not know; null where it knows all. Wording as recorded. */
export function unknownField(body: JsonObject): Refusal | null {
  const found = search(body, 'GenerateContentRequest', '');
  if (found === null) return null;
  const description = `Invalid JSON payload received. Unknown name "${found.name}"${found.place === '' ? '' : ` at '${found.place}'`}: Cannot find field.`;
  const violation = found.place === '' ? { description } : { field: found.place, description };
  return {
    status: 400,
    message: description,
    details: [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [violation] }],
  };
}

interface Unknown {
  readonly name: string;
  readonly place: string;
}

function search(value: Json, message: string, place: string): Unknown | null {
  const fields = SHAPE[message];
  if (fields === undefined || !isObject(value)) return null;
  for (const [name, item] of Object.entries(value)) {
    const camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const known = Object.hasOwn(fields, camel) ? fields[camel] : undefined;
    if (known === undefined) return { name, place };
    const step = camel.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const found = searchField(item ?? null, known, place === '' ? step : `${place}.${step}`);
    if (found !== null) return found;
  }
  return null;
}

// Lists are entered by position; so are maps, whose entries the parser numbers.
function searchField(value: Json, kind: string, place: string): Unknown | null {
  if (kind === '-') return null;
  const isMap = kind.startsWith('{');
  const message = isMap ? kind.slice(1, -1) : kind;
  if (isMap && isObject(value)) {
    return first(Object.values(value), (item, index) => search(item, message, `${place}[${index}].value`));
  }
  if (isArray(value)) return first(value, (item, index) => search(item, message, `${place}[${index}]`));
  return search(value, message, place);
}

function first(
  items: readonly (Json | undefined)[],
  find: (item: Json, index: number) => Unknown | null,
): Unknown | null {
  for (const [index, item] of items.entries()) {
    const found = find(item ?? null, index);
    if (found !== null) return found;
  }
  return null;
}
