import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { rolldown, type OutputChunk, type Plugin, type PreRenderedChunk } from 'rolldown';
import { ROOT } from './tool.ts';

/** Files that something outside of the bundle names: the doors of the package, the command, the thread of the database. */
const ENTRIES = [
  'cli/main',
  'index',
  'server',
  'testing',
  'protocols/index',
  'store/sql/sqlite-worker',
] as const;

/** Loaded with the first line that is logged, and not from the bundle: its threads are files of its own. */
const EXTERNAL = ['pino'];

const SOURCES = path.join(ROOT, 'src');

/**
 * Writes the JavaScript of the published package into a folder: a hundred files instead of half a thousand, with what is
 * used of the libraries, their licences, and maps without sources. Names stay as they are written; what is loaded late
 * stays a file of its own.
 */
export async function bundle(folder: string): Promise<void> {
  const build = await rolldown({
    cwd: ROOT,
    input: Object.fromEntries(ENTRIES.map((entry) => [entry, path.join(SOURCES, `${entry}.ts`)])),
    platform: 'node',
    external: EXTERNAL,
    plugins: [keepPlaces],
  });
  await build.write({
    dir: folder,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: chunkName,
    sourcemap: true,
    sourcemapExcludeSources: true,
    plugins: [licences],
  });
  await build.close();
}

// A module that is loaded late keeps its own path, so that a stack trace says where the code is from.
function chunkName({ facadeModuleId }: PreRenderedChunk): string {
  const own = typeof facadeModuleId === 'string' ? sourceName(facadeModuleId) : null;
  return own === null ? 'shared/[name].js' : `${own}.js`;
}

/** `store/sql/migrate` for the module src/store/sql/migrate.ts; null for one that is not ours. */
function sourceName(id: string): string | null {
  if (!id.startsWith(SOURCES + path.sep)) return null;
  return path
    .relative(SOURCES, id)
    .replaceAll(path.sep, '/')
    .replace(/\.(ts|json)$/, '');
}

const OWN_URL = 'import.meta.url';
const PLACE = /__placeOf\("([^"]+)"\)/g;

/**
 * Lets a module that looks for a file beside it find that file from wherever the bundle puts the module: its address is
 * written as a mark first, and relative to the file of the bundle when that is known. The lines stay, and so do the maps.
 */
const keepPlaces: Plugin = {
  name: 'keep-places',
  transform(code, id) {
    const own = sourceName(id);
    if (own === null || !code.includes(OWN_URL)) return null;
    return { code: code.replaceAll(OWN_URL, `__placeOf("${own}.js")`), map: null };
  },
  renderChunk(code, chunk) {
    const folder = path.posix.dirname(chunk.fileName);
    const placed = code.replaceAll(PLACE, (_, place: string) =>
      place === chunk.fileName
        ? OWN_URL
        : `new URL("${path.posix.relative(folder, place)}", ${OWN_URL}).href`,
    );
    return { code: placed, map: null };
  },
};

/** The licences of the libraries whose code is in the bundle; a library without one stops the build. */
const licences: Plugin = {
  name: 'licences',
  generateBundle(_, output) {
    const chunks = Object.values(output).filter((file): file is OutputChunk => file.type === 'chunk');
    const folders = new Set(chunks.flatMap(({ moduleIds }) => moduleIds.flatMap(packageFolder)));
    const source = [...folders]
      .toSorted()
      .map(licenceOf)
      .join(`\n${'-'.repeat(80)}\n\n`);
    this.emitFile({ type: 'asset', fileName: 'THIRD-PARTY-LICENSES', source });
  },
};

function packageFolder(id: string): readonly string[] {
  const folder = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id.replaceAll(path.sep, '/'));
  return folder === null ? [] : [folder[0]];
}

function licenceOf(folder: string): string {
  const manifest: Manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const [file] = globSync('{LICENSE,LICENCE,license,licence}{,.md,.txt}', { cwd: folder });
  if (file === undefined) throw new Error(`${manifest.name} has no licence that could go into the package.`);
  const text = readFileSync(path.join(folder, file), 'utf8').trim();
  return `${manifest.name} ${manifest.version} (${manifest.license})\n\n${text}\n`;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}
