import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { GENERATORS } from '../scripts/generators/index.ts';
import { ROOT } from '../scripts/tool.ts';

describe('generated files', () => {
  it.each(GENERATORS)('$file is up to date with $source', async ({ file, make }) => {
    const present = existsSync(path.join(ROOT, file)) ? readFileSync(path.join(ROOT, file), 'utf8') : '';
    expect(present, 'run: npm run generate').toBe(await make());
  });

  it('are all on the list: a page of docs/reference that nothing makes would grow old unseen', () => {
    const pages = globSync('docs/reference/**/*.md', { cwd: ROOT }).map((file) =>
      file.replaceAll(path.sep, '/'),
    );
    const made = GENERATORS.map((generator) => generator.file);
    expect(pages.filter((page) => !made.includes(page))).toEqual([]);
  });
});

describe('links between the texts', () => {
  const texts = globSync(['*.md', 'docs/**/*.md'], { cwd: ROOT });

  it.each(texts)('%s leads only to files that are there', (text) => {
    const source = readFileSync(path.join(ROOT, text), 'utf8');
    const broken = [...source.matchAll(/\]\((?<to>[^)\s#]+)(?:#[^)]*)?\)/g)]
      .map((match) => match.groups?.['to'] ?? '')
      .filter((to) => !/^[a-z]+:/.test(to))
      .filter((to) => !existsSync(path.resolve(ROOT, path.dirname(text), to)));
    expect(broken).toEqual([]);
  });
});
