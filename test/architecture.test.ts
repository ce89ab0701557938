import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../scripts/tool.ts';
import {
  DEPENDENCIES,
  NAMING_PLACES,
  NODE_MODULES,
  ORDINARY_WORDS,
  OUTSIDE_WORLD,
  PACKAGES,
  PROTOCOL_FILES,
  PROVIDER_FILES,
  SEEN_MIN,
  SHARED_FOLDERS,
  type DependencyRule,
} from './architecture/rules.ts';
import { readSources, type Import, type Source } from './architecture/sources.ts';

const sources = readSources();
const named = namedFolders();

describe('architecture', () => {
  it('1. a folder imports only what the table allows', () => {
    expect(
      breaches((source) => source.imports.filter((entry) => !allowed(source, entry)).map(target)),
    ).toEqual([]);
  });

  it('1. the table stands in ARCHITECTURE.md as it stands here', () => {
    const text = readFileSync(path.join(ROOT, 'ARCHITECTURE.md'), 'utf8');
    const rows = text.split('\n').filter((line) => line.startsWith('| `'));
    const wanted = DEPENDENCIES.map(tableRow);
    expect(rows.filter((row) => wanted.includes(row))).toEqual(wanted);
  });

  it('1. every folder of src/ has a row in the table', () => {
    const known = DEPENDENCIES.flatMap((rule) => rule.folders);
    expect(
      breaches((source) => (known.includes(source.folder) ? [] : [`no row for ${source.folder}`])),
    ).toEqual([]);
  });

  it('2. no two files import each other in a circle', () => {
    expect(circles()).toEqual([]);
  });

  it('3. time, chance, network and process are reached for only in node/ and cli/', () => {
    const { places, words } = OUTSIDE_WORLD;
    const pure = (source: Source): boolean => !places.some((place) => isAt(source, place));
    const found = (source: Source): string[] => words.flatMap((word) => word.exec(source.bare)?.[0] ?? []);
    expect(breaches((source) => (pure(source) ? found(source) : []))).toEqual([]);
  });

  it('4. npm packages and modules of Node are imported only in their folders', () => {
    expect(
      breaches((source) => source.imports.filter((entry) => !packageAllowed(source, entry)).map(target)),
    ).toEqual([]);
  });

  it('5. names of providers and protocols are literals only in their own folders and the lists', () => {
    expect(breaches(namesIn)).toEqual([]);
  });

  it('6. a provider folder holds only what is on its list, a protocol folder all of its list and else only code', () => {
    const providers = filesIn('providers').filter((file) => !PROVIDER_FILES.includes(file.name));
    const protocols = filesIn('protocols').filter(
      ({ name }) => !/^(?:[a-z0-9-]+(?:\.test)?\.ts|testing)$/.test(name),
    );
    expect([...providers, ...protocols].map(({ file }) => file)).toEqual([]);
    const missing = foldersIn('protocols').flatMap((folder) =>
      PROTOCOL_FILES.map((name) => `${folder}/${name}`).filter(
        (file) => !existsSync(path.join(ROOT, 'src/protocols', file)),
      ),
    );
    expect(missing).toEqual([]);
  });

  it('7. it saw the sources', () => {
    expect(sources.length).toBeGreaterThanOrEqual(SEEN_MIN.files);
    expect(sources.flatMap((source) => source.imports).length).toBeGreaterThanOrEqual(SEEN_MIN.imports);
    const dangling = breaches((source) =>
      source.imports.filter((entry) => !leadsSomewhere(entry)).map(target),
    );
    expect(dangling).toEqual([]);
  });
});

function breaches(find: (source: Source) => readonly string[]): readonly string[] {
  return sources.flatMap((source) => find(source).map((what) => `src/${source.file}: ${what}`));
}

function target(entry: Import): string {
  return entry.typesOnly ? `${entry.specifier} (types)` : entry.specifier;
}

function ruleFor(folder: string): DependencyRule | undefined {
  return DEPENDENCIES.find((rule) => rule.folders.includes(folder));
}

function allowed(source: Source, entry: Import): boolean {
  const to = entry.file?.split('/')[0];
  if (entry.file === null || to === undefined || to === source.folder) return true;
  const wide = [...(ruleFor(source.folder)?.may ?? []), ...sharedBy(source.folder)];
  const types = entry.typesOnly ? [`types of ${to}`] : [];
  return ['everything', to, entry.file, ...types].some((name) => wide.includes(name));
}

// What the table does not repeat in every row: `base` and `spec`.
function sharedBy(folder: string): readonly string[] {
  if (folder === 'base') return [];
  return folder === 'spec' ? ['base'] : ['base', 'spec'];
}

function tableRow({ folders, may, why }: DependencyRule): string {
  const code = (name: string): string =>
    name.startsWith('types of ')
      ? `types of \`${name.slice(9)}\``
      : name === 'everything'
        ? name
        : `\`${name}\``;
  return `| ${folders.map(code).join(' ')} | ${may.length === 0 ? 'nothing' : may.map(code).join(', ')} | ${why} |`;
}

// Depth first; a file that is met again while it is still open closes a circle.
function circles(): readonly string[] {
  const next = new Map(
    sources.map((source) => [source.file, source.imports.flatMap((entry) => entry.file ?? [])]),
  );
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, open: readonly string[]): void => {
    const at = open.indexOf(file);
    if (at >= 0) found.push([...open.slice(at), file].join(' -> '));
    if (at >= 0 || done.has(file)) return;
    for (const to of next.get(file) ?? []) visit(to, [...open, file]);
    done.add(file);
  };
  for (const source of sources) visit(source.file, []);
  return found;
}

function packageAllowed(source: Source, { specifier, file }: Import): boolean {
  if (file !== null) return true;
  if (specifier.startsWith('node:')) return NODE_MODULES.some((place) => isAt(source, place));
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  return (PACKAGES[name] ?? []).some((place) => isAt(source, place));
}

function isAt(source: Source, place: string): boolean {
  return source.file === place || source.file.startsWith(`${place}/`);
}

// A literal that is such a name or, as addresses of targets do, begins with one and a slash. What models are called at a
// provider is its own folder's business.
function namesIn(source: Source): readonly string[] {
  if (NAMING_PLACES.some((place) => isAt(source, place))) return [];
  const foreign = [...new Set(named.map(({ name }) => name))]
    .filter((name) => !ORDINARY_WORDS.includes(name))
    .filter((name) => !named.some((folder) => folder.name === name && isAt(source, folder.place)));
  const literals = [...source.code.matchAll(/'(?<text>[^'\n]*)'/g)].map(
    (match) => match.groups?.['text'] ?? '',
  );
  const addresses = source.folder !== 'providers';
  return literals.filter((text) =>
    foreign.some((name) => text === name || (addresses && text.startsWith(`${name}/`))),
  );
}

function namedFolders(): readonly { readonly name: string; readonly place: string }[] {
  return (['protocols', 'providers'] as const).flatMap((kind) =>
    foldersIn(kind).map((name) => ({ name, place: `${kind}/${name}` })),
  );
}

function foldersIn(kind: 'protocols' | 'providers'): readonly string[] {
  return readdirSync(path.join(ROOT, 'src', kind), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !SHARED_FOLDERS.includes(entry.name))
    .map((entry) => entry.name);
}

function filesIn(
  kind: 'protocols' | 'providers',
): readonly { readonly file: string; readonly name: string }[] {
  return foldersIn(kind).flatMap((folder) =>
    readdirSync(path.join(ROOT, 'src', kind, folder)).map((name) => ({
      name,
      file: `${kind}/${folder}/${name}`,
    })),
  );
}

function leadsSomewhere({ file }: Import): boolean {
  return file === null || existsSync(path.join(ROOT, 'src', file));
}
