import { brandText } from './brand.ts';
import type { Bytes } from './bytes.ts';
import { endOfString, JSON_DEPTH_MAX, parseJsonOr, type Json } from './json.ts';

/**
 * The top level of a JSON object, found without parsing what lies deeper: where each field's value stands. The request
 * path reads `model` and `stream` from it and replaces single values, so a body passes through byte for byte.
 */
export interface TopLevel {
  readonly source: Bytes;
  /** Start and end of each field's value. */
  readonly spans: ReadonlyMap<string, Span>;
}

export interface Span {
  /** Start of the member: the quote of its name. */
  readonly memberStart: number;
  readonly start: number;
  readonly end: number;
}

export type ScanResult =
  | { readonly type: 'ok'; readonly top: TopLevel }
  | { readonly type: 'bad'; readonly reason: string };

/**
 * Scans a JSON object. Refuses what a scanner and a provider might read differently (a field named twice, a name written
 * with escapes) and what is cut off or nested too deep; it does not prove that values below the top level are valid JSON.
 */
export function scanTopLevel(source: Bytes): ScanResult {
  const spans = new Map<string, Span>();
  let at = skipSpace(source, source.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0);
  if (at >= source.length) return bad('the body is empty');
  if (source.charCodeAt(at) !== OPEN_BRACE) return bad('the body is not a JSON object');
  at = skipSpace(source, at + 1);
  if (source.charCodeAt(at) === CLOSE_BRACE) return finished(source, spans, at + 1);
  for (;;) {
    const end = scanMember(source, at, spans);
    if (typeof end === 'string') return bad(end);
    at = skipSpace(source, end);
    const code = source.charCodeAt(at);
    if (code === CLOSE_BRACE) return finished(source, spans, at + 1);
    if (code !== COMMA) return bad(expected(source, '"," or "}"', at));
    at = skipSpace(source, at + 1);
  }
}

/** The raw JSON of a field, undefined where it is not there. */
export function rawField(top: TopLevel, name: string): string | undefined {
  const span = top.spans.get(name);
  return span === undefined ? undefined : top.source.slice(span.start, span.end);
}

/** The parsed value of a small field; undefined where it is not there or not JSON. */
export function scalarField(top: TopLevel, name: string): Json | undefined {
  const raw = rawField(top, name);
  return raw === undefined ? undefined : parseJsonOr(raw, undefined);
}

/** The body with some fields set to other JSON text, added, or (null) removed; every other value keeps its bytes. */
export function spliceFields(top: TopLevel, edits: { readonly [field: string]: string | null }): Bytes {
  const names = Object.keys(edits);
  const removes = names.some((name) => edits[name] === null && top.spans.has(name));
  return brandText<Bytes>(removes ? rebuilt(top, edits) : spliced(top, edits, names));
}

const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf';
const QUOTE = 0x22;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const CUT_OFF = 'the JSON is cut off';

// Notes the span of the member that starts here; returns its end, or what is wrong with it.
function scanMember(source: Bytes, memberStart: number, spans: Map<string, Span>): number | string {
  if (source.charCodeAt(memberStart) !== QUOTE) return expected(source, 'a field name', memberStart);
  const nameEnd = endOfString(source, memberStart);
  const name = source.slice(memberStart + 1, nameEnd);
  if (name.includes('\\')) return 'field names must not be written with escapes';
  if (spans.has(name)) return `the field "${name.slice(0, 64)}" stands twice`;
  const colon = skipSpace(source, nameEnd + 1);
  if (source.charCodeAt(colon) !== COLON) return expected(source, '":"', colon);
  const start = skipSpace(source, colon + 1);
  const end = endOfValue(source, start);
  if (typeof end === 'number') spans.set(name, { memberStart, start, end });
  return end;
}

function expected(source: Bytes, what: string, at: number): string {
  return at >= source.length ? CUT_OFF : `expected ${what} at byte ${at}`;
}

function bad(reason: string): ScanResult {
  return { type: 'bad', reason };
}

function finished(source: Bytes, spans: Map<string, Span>, end: number): ScanResult {
  if (skipSpace(source, end) < source.length)
    return bad('there is something after the end of the JSON object');
  return { type: 'ok', top: { source, spans } };
}

function skipSpace(text: string, at: number): number {
  let index = at;
  for (;;) {
    const code = text.charCodeAt(index);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return index;
    index += 1;
  }
}

// End of the value that starts here, or what is wrong with it.
function endOfValue(text: string, start: number): number | string {
  const first = text.charCodeAt(start);
  if (first === QUOTE) {
    const end = endOfString(text, start);
    return end >= text.length ? CUT_OFF : end + 1;
  }
  if (first === OPEN_BRACE || first === 0x5b) return endOfNested(text, start);
  let end = start;
  while (end < text.length && isScalar(text.charCodeAt(end))) end += 1;
  if (end >= text.length) return CUT_OFF;
  return end === start ? `expected a value at byte ${start}` : end;
}

// Letters, digits, sign and point: what numbers, true, false and null are made of.
function isScalar(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x61 && code <= 0x7a) ||
    code === 0x2b ||
    code === 0x2d ||
    code === 0x2e
  );
}

function endOfNested(text: string, start: number): number | string {
  // A stack of closers would cost an array; a bit per level tells braces from brackets.
  const braces: boolean[] = [];
  for (let i = start; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      i = endOfString(text, i);
    } else if (code === OPEN_BRACE || code === 0x5b) {
      braces.push(code === OPEN_BRACE);
      if (braces.length >= JSON_DEPTH_MAX) return `the JSON is nested deeper than ${JSON_DEPTH_MAX} levels`;
    } else if (code === CLOSE_BRACE || code === 0x5d) {
      if (braces.pop() !== (code === CLOSE_BRACE)) return `a bracket is closed by another kind at byte ${i}`;
      if (braces.length === 0) return i + 1;
    }
  }
  return CUT_OFF;
}

type Edits = { readonly [field: string]: string | null };

// Replaces values where they stand and adds new members before the closing brace.
function spliced({ source, spans }: TopLevel, edits: Edits, names: readonly string[]): string {
  let result = '';
  let from = 0;
  for (const [name, span] of spans) {
    const text = edits[name];
    if (typeof text === 'string') {
      result += source.slice(from, span.start) + text;
      from = span.end;
    }
  }
  const rest = source.slice(from);
  const added = members(
    edits,
    names.filter((name) => !spans.has(name)),
  );
  if (added.length === 0) return result + rest;
  const end = rest.lastIndexOf('}');
  return `${result}${rest.slice(0, end)}${spans.size === 0 ? '' : ','}${added.join(',')}${rest.slice(end)}`;
}

// Removing leaves commas behind, so the object is put together anew from its members' bytes.
function rebuilt({ source, spans }: TopLevel, edits: Edits): string {
  const kept: string[] = [];
  for (const [name, span] of spans) {
    const text = edits[name];
    if (text === undefined) kept.push(source.slice(span.memberStart, span.end));
    else if (text !== null) kept.push(source.slice(span.memberStart, span.start) + text);
  }
  const added = members(
    edits,
    Object.keys(edits).filter((name) => !spans.has(name)),
  );
  return `{${[...kept, ...added].join(',')}}`;
}

function members(edits: Edits, names: readonly string[]): string[] {
  const result: string[] = [];
  for (const name of names) {
    const text = edits[name];
    if (typeof text === 'string') result.push(`${JSON.stringify(name)}:${text}`);
  }
  return result;
}
