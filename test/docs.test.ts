import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { GENERATORS } from '../scripts/generators/index.ts';
import { ROOT } from '../scripts/tool.ts';

const sources = globSync('src/**/*.ts', { cwd: ROOT, exclude: ['**/*.test.ts', '**/testing/**'] });

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

describe('what users meet is told', () => {
  it('every option of the configuration has its sentence', () => {
    const page = read('docs/reference/configuration.md');
    const options = page.split('\n').filter((line) => line.startsWith('| `'));
    expect(options.length).toBeGreaterThan(40);
    expect(options.filter((line) => /\|\s*\|$/.test(line))).toEqual([]);
  });

  it.each([
    ['header of the gateway', /x-bellwether-[a-z-]*[a-z]/g, 'docs/guide/apis.md', 10],
    ['environment variable', /\bBELLWETHER_[A-Z_]*[A-Z]\b/g, 'docs/reference/command-line.md', 5],
  ] as const)('every %s stands in its text, and none that is not there', (_what, pattern, text, atLeast) => {
    const used = namesIn(sources.map(read).join('\n'), pattern);
    expect(used.length).toBeGreaterThan(atLeast);
    expect(namesIn(read(text), pattern)).toEqual(used);
  });

  it('no generated page is empty', () => {
    for (const page of ['errors', 'metrics', 'command-line', 'admin-api', 'events', 'providers']) {
      const rows = read(`docs/reference/${page}.md`)
        .split('\n')
        .filter((line) => line.startsWith('| `'));
      expect(rows.length, page).toBeGreaterThan(10);
    }
  });
});

function read(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}

function namesIn(text: string, pattern: RegExp): readonly string[] {
  return [...new Set([...text.matchAll(pattern)].map(([name]) => name))].toSorted();
}

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
