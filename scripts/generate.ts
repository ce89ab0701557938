import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { GENERATORS, type Generator } from './generators/index.ts';
import { ROOT } from './tool.ts';

// `npm run generate` writes the generated files; with `--check` it writes nothing and fails where one is out of date.
const checks = process.argv.includes('--check');
for (const generator of GENERATORS) await bringUpToDate(generator);

async function bringUpToDate(generator: Generator): Promise<void> {
  const target = path.join(ROOT, generator.file);
  const wanted = await generator.make();
  if (present(target) === wanted) return;
  if (checks) {
    console.log(`${generator.file} is out of date with ${generator.source}: run npm run generate.`);
    process.exitCode = 1;
    return;
  }
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, wanted);
  console.log(`${generator.file} written.`);
}

function present(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
