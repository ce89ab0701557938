import { chmodSync, cpSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { bundle } from './bundle.ts';
import { ROOT, runProgram, runTool, type ToolResult } from './tool.ts';

const DIST = path.join(ROOT, 'dist');
/** What the program reads at run time as it is. */
const ASSETS = 'src/**/*.sql';
const EXECUTABLE = 'cli/main.js';

if (import.meta.main) {
  const result = await build();
  console.log(result.output);
  process.exitCode = result.ok ? 0 : 1;
}

/** Builds the published package into dist/ and verifies that npm would pack what it should. */
export async function build(): Promise<ToolResult> {
  const built = await buildInto(DIST);
  return built.ok ? verifyPack() : built;
}

/** Writes what the package publishes as dist/ into a folder: types from the compiler, the program as a bundle. */
export async function buildInto(dist: string): Promise<ToolResult> {
  rmSync(dist, { recursive: true, force: true });
  const compiled = await runTool('tsc', '-p', 'tsconfig.build.json', '--outDir', dist);
  if (!compiled.ok) return compiled;
  await bundle(dist);
  copyAssets(dist);
  chmodSync(path.join(dist, EXECUTABLE), 0o755);
  return { ok: true, output: '' };
}

function copyAssets(dist: string): void {
  for (const file of globSync(ASSETS, { cwd: ROOT })) {
    const target = path.join(dist, path.relative('src', file));
    mkdirSync(path.dirname(target), { recursive: true });
    cpSync(path.join(ROOT, file), target);
  }
}

async function verifyPack(): Promise<ToolResult> {
  const packed = await runProgram(
    'npm',
    'pack',
    '--dry-run',
    '--json',
    '--ignore-scripts',
    '--loglevel=error',
  );
  if (!packed.ok) return packed;
  const files = packedFiles(packed.output);
  const missing = requiredFiles().filter((file) => !files.has(file));
  const unwanted = [...files].filter((file) => /\.test\.|^dist\/.+\/testing\/|^src\/|^test\//.test(file));
  const problems = [
    ...missing.map((file) => `missing from the package: ${file}`),
    ...unwanted.map((file) => `does not belong into the package: ${file}`),
  ];
  if (problems.length > 0) return { ok: false, output: problems.join('\n') };
  return { ok: true, output: `Built dist/; the package has ${files.size} files.` };
}

// Every door that package.json names, its types, the texts, and the assets beside the code that reads them.
function requiredFiles(): readonly string[] {
  const manifest: Manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const doors = Object.values(manifest.exports).flatMap((entry) =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  );
  const named = [...doors, ...Object.values(manifest.bin)].map((file) => file.replace(/^\.\//, ''));
  const texts = ['README.md', 'CHANGELOG.md', 'LICENSE', 'dist/THIRD-PARTY-LICENSES'];
  const assets = globSync(ASSETS, { cwd: ROOT }).map((file) => `dist/${path.relative('src', file)}`);
  return [...new Set([...named, ...texts, ...assets])];
}

interface Manifest {
  readonly bin: { readonly [name: string]: string };
  readonly exports: { readonly [door: string]: string | { readonly [condition: string]: string } };
}

interface Packed {
  readonly files: readonly { readonly path: string }[];
}

// npm prints a list of packages, newer ones an object by name; notices may stand before either.
function packedFiles(output: string): ReadonlySet<string> {
  const start = output.search(/^[[{]/m);
  const parsed: readonly Packed[] | { readonly [name: string]: Packed } = JSON.parse(output.slice(start));
  return new Set(Object.values(parsed).flatMap((entry) => entry.files.map((file) => file.path)));
}
