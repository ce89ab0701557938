import { LineCounter, parseDocument, isMap, isNode, isScalar, type Document } from 'yaml';
import type { Json } from '../base/json.ts';
import { ConfigError } from './config-error.ts';

/** A configuration file as data, with the way back from a path in it to a line of the file. */
export interface ParsedFile {
  readonly value: Json;
  /** Line, from 1, of the value at this path, or of the nearest parent that stands in the file. */
  lineOf(path: readonly (string | number)[]): number;
}

/** Parses YAML (JSON is YAML); throws `ConfigError` with the line of the first syntax error. */
export function parseConfigFile(file: string, text: string): ParsedFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, strict: true });
  const [error] = document.errors;
  if (error !== undefined) {
    const line = error.linePos?.[0].line ?? null;
    throw new ConfigError(file, [{ path: '', message: firstLine(error.message), line }]);
  }
  const value: Json = document.toJS({ maxAliasCount: 100 }) ?? {};
  return { value, lineOf: (path) => lineOf(document, lines, path) };
}

function lineOf(document: Document, lines: LineCounter, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const offset = offsetOf(document, path.slice(0, length));
    if (offset !== null) return lines.linePos(offset).line;
  }
  return 1;
}

// A member of a map is found by its key, which stands before the value.
function offsetOf(document: Document, path: readonly (string | number)[]): number | null {
  const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
  const last = path.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === last);
    return isNode(pair?.key) ? (pair.key.range?.[0] ?? null) : null;
  }
  const node = document.getIn(path, true);
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text;
}
