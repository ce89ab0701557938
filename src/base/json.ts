/** Any JSON value. Objects may miss fields; a field that is there is never a function or a symbol. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json | undefined };

/** The deepest nesting of JSON that is accepted from anyone. */
export const JSON_DEPTH_MAX = 200;

/** Outcome of parsing: a value, or what is wrong in words fit for an error message. */
export type ParsedJson =
  | { readonly type: 'ok'; readonly value: Json }
  | { readonly type: 'bad'; readonly reason: string };

/** Parses JSON from anyone: depth is limited and the reason of a failure is a sentence. */
export function parseJson(text: string): ParsedJson {
  const depth = nesting(text);
  if (depth > JSON_DEPTH_MAX) {
    return { type: 'bad', reason: `the JSON is nested deeper than ${JSON_DEPTH_MAX} levels` };
  }
  return parseUnwalked(text);
}

/**
 * Parses JSON of which only fields at fixed places are looked at. As nothing walks the value, however deep it is, its depth
 * need not be measured first, which costs as much as the parsing.
 */
export function parseUnwalked(text: string): ParsedJson {
  try {
    const value: Json = JSON.parse(text);
    return { type: 'ok', value };
  } catch (error) {
    return { type: 'bad', reason: error instanceof Error ? error.message : 'not JSON' };
  }
}

/** Parses JSON that may not be JSON, where only the value matters. */
export function parseJsonOr<Fallback>(text: string, fallback: Fallback): Json | Fallback {
  const parsed = parseJson(text);
  return parsed.type === 'ok' ? parsed.value : fallback;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** Own field of a JSON object, undefined where the value is no object or has no such own field. */
export function field(value: Json | undefined, key: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Own field along a path of keys. */
export function fieldAt(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let current = value;
  for (const key of path) current = field(current, key);
  return current;
}

export function asString(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function asNumber(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function asBoolean(value: Json | undefined): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

/** The items of a JSON array; none where it is no array. */
export function asArray(value: Json | undefined): readonly Json[] {
  return isArray(value) ? value : [];
}

/** The object without the fields that are undefined, so that optional fields can be written in one literal. */
export function compact(object: { readonly [key: string]: Json | undefined }): JsonObject {
  const result: { [key: string]: Json } = {};
  for (const key of Object.keys(object)) {
    const value = object[key];
    if (value !== undefined) setOwn(result, key, value);
  }
  return result;
}

/** Sets an own field, also when its name is `__proto__`. */
export function setOwn(object: { [key: string]: Json }, key: string, value: Json): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[key] = value;
  }
}

// Strings are jumped over with indexOf, so the cost follows the number of structural characters.
function nesting(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 0x22) {
      i = endOfString(text, i);
    } else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (code === 0x7d || code === 0x5d) {
      depth -= 1;
    }
  }
  return deepest;
}

/** Index of the quote that closes the string opening at `start`; the text's length where it never closes. */
export function endOfString(text: string, start: number): number {
  for (let i = start + 1; ; i += 1) {
    i = text.indexOf('"', i);
    if (i < 0) return text.length;
    let slashes = 0;
    while (text.charCodeAt(i - 1 - slashes) === 0x5c) slashes += 1;
    if (slashes % 2 === 0) return i;
  }
}
