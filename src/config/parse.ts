import { LineCounter, parseDocument, isMap, isNode, isScalar, type Document } from 'yaml';
import type { Json } from '../base/json.ts';

/** A configuration file as data, with the way back from a path in it to a line of the file. */
export interface ParsedFile {
  readonly value: Json;
  /** Line, from 1, of the value at this path, or of the nearest parent that stands in the file. */
  lineOf(path: readonly (string | number)[]): number;
}

/** One thing that is wrong with a configuration: where, what, and what would be right. */
export interface ConfigProblem {
  /** Path in words of the file: `models.gpt-4.1.targets[0]`. */
  readonly path: string;
  readonly message: string;
  /** Line in the file, null where the value does not come from a file. */
  readonly line: number | null;
}

/** A configuration that was refused, whole, with everything that is wrong with it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly file: string;
  readonly problems: readonly ConfigProblem[];

  constructor(file: string, problems: readonly ConfigProblem[]) {
    super(describeProblems(file, problems));
    this.file = file;
    this.problems = problems;
  }
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

function describeProblems(file: string, problems: readonly ConfigProblem[]): string {
  return problems
    .map(({ path, message, line }) => {
      const place = line === null ? file : `${file}:${line}`;
      return path === '' ? `${place}: ${message}` : `${place}: ${path}: ${message}`;
    })
    .join('\n');
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text;
}
