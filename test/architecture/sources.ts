import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../scripts/tool.ts';

/** One import of a source file. */
export interface Import {
  /** As written. */
  readonly specifier: string;
  /** For a relative import the file below src/ that it leads to, else null. */
  readonly file: string | null;
  /** Whether only types are imported. */
  readonly typesOnly: boolean;
}

/** A source file of the program: not a test, not a helper of tests. */
export interface Source {
  /** Path below src/, with forward slashes. */
  readonly file: string;
  /** Folder below src/, or the file's own name where it lies in src/ itself. */
  readonly folder: string;
  /** Text without comments. */
  readonly code: string;
  /** The same with the content of string literals emptied. */
  readonly bare: string;
  readonly imports: readonly Import[];
}

/** Reads all sources of the program. */
export function readSources(): readonly Source[] {
  return globSync('src/**/*.ts', { cwd: ROOT })
    .map((file) => path.relative('src', file).replaceAll(path.sep, '/'))
    .filter((file) => !isForTests(file) && !file.endsWith('.d.ts'))
    .sort()
    .map(readSource);
}

function isForTests(file: string): boolean {
  // The folder testing/ of a folder helps its tests; src/testing/ is behind a door of the package.
  return file.endsWith('.test.ts') || file.split('/').slice(1).includes('testing');
}

function readSource(file: string): Source {
  const { code, bare } = strip(readFileSync(path.join(ROOT, 'src', file), 'utf8'));
  return { file, folder: file.split('/')[0] ?? file, code, bare, imports: importsOf(code, file) };
}

const STATEMENT =
  /(?:^|\n)\s*(?<keyword>import|export)\s+(?<typeWord>type\s+)?(?<names>[\w*\s{},$]*?)\s*from\s*'(?<from>[^']+)'/g;
const BARE_OR_DYNAMIC = /(?:^|\n)\s*import\s+'(?<bare>[^']+)'|\bimport\(\s*'(?<dynamic>[^']+)'/g;

function importsOf(code: string, file: string): readonly Import[] {
  const imports: Import[] = [];
  for (const { groups = {} } of code.matchAll(STATEMENT)) {
    const typesOnly = groups['typeWord'] !== undefined || onlyTypes(groups['names'] ?? '');
    imports.push({ ...lead(groups['from'] ?? '', file), typesOnly });
  }
  for (const { groups = {} } of code.matchAll(BARE_OR_DYNAMIC)) {
    imports.push({ ...lead(groups['bare'] ?? groups['dynamic'] ?? '', file), typesOnly: false });
  }
  return imports;
}

function lead(specifier: string, from: string): Pick<Import, 'specifier' | 'file'> {
  const relative = specifier.startsWith('.');
  return { specifier, file: relative ? path.posix.join(path.posix.dirname(from), specifier) : null };
}

// `import { type A, type B } from` imports nothing at run time.
function onlyTypes(names: string): boolean {
  const inner = /\{(?<list>[^}]*)\}/.exec(names)?.groups?.['list'];
  if (inner === undefined) return false;
  const list = inner
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return list.length > 0 && list.every((name) => name.startsWith('type '));
}

// Comments, strings, templates and regular expressions in one pass, so that none is mistaken for another.
const TOKEN =
  /(?<comment>\/\/[^\n]*|\/\*[^]*?\*\/)|(?<string>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[^])*`)|(?<regex>(?<=[=(,:[!&|?{;>]\s*|return\s+)\/(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*)/g;

function strip(text: string): { readonly code: string; readonly bare: string } {
  const code = text.replaceAll(TOKEN, (token, ...rest) =>
    groupsOf(rest)['comment'] === undefined ? token : ' ',
  );
  const bare = text.replaceAll(TOKEN, (_token, ...rest) =>
    groupsOf(rest)['comment'] === undefined ? "''" : ' ',
  );
  return { code, bare };
}

function groupsOf(rest: readonly unknown[]): { readonly [name: string]: string | undefined } {
  return rest.at(-1) as { readonly [name: string]: string | undefined };
}
