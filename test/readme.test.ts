import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../src/compose/load-config.ts';
import { parseConfigFile } from '../src/config/parse.ts';
import { ROOT } from '../scripts/tool.ts';
import { blocksOf, type Block } from './texts/blocks.ts';
import { openStage, type Stage } from './texts/stage.ts';

const TEXTS = ['README.md', ...globSync('docs/**/*.md', { cwd: ROOT }).toSorted()].map((file) => ({
  file: file.replaceAll(path.sep, '/'),
  blocks: blocksOf(readFileSync(path.join(ROOT, file), 'utf8')),
}));

describe('commands and programs in the texts', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage.close());

  const marked = TEXTS.flatMap(({ file, blocks }) =>
    blocks
      .filter(({ marker }) => marker !== null)
      .map((block) => ({ file, place: `${file}:${block.line}`, block })),
  );

  it.each(marked)('$place does what the text says', async ({ file, block }) => {
    const { marker } = block;
    if (marker?.type === 'file') {
      stage.put(file, marker.name, block);
      return;
    }
    if (marker?.type !== 'run') throw new Error('only marked blocks are here');
    const { code, output } = await stage.run(file, block, marker);
    expect(code, output).toBe(0);
    for (const text of marker.prints) expect(output).toContain(text);
  });

  it('are found: the README has a tour of at least eight', () => {
    expect(marked.filter(({ place }) => place.startsWith('README.md')).length).toBeGreaterThanOrEqual(8);
  });

  it('call the command line by the script of package.json', () => {
    const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
    expect(scripts).toMatchObject({
      start: 'node scripts/with-runtime.mjs src/cli/main.ts serve',
      bellwether: 'node scripts/with-runtime.mjs src/cli/main.ts',
    });
  });
});

describe('configurations in the texts', () => {
  const configurations = TEXTS.flatMap(({ file, blocks }) =>
    blocks
      .filter(({ language }) => language === 'yaml')
      .map((block) => ({ place: `${file}:${block.line}`, block })),
  );

  it.each(configurations)('$place is right', ({ place, block }) => {
    expect(() => checked(place, block)).not.toThrow();
  });
});

function checked(place: string, { code }: Block): unknown {
  const { value } = parseConfigFile(place, code);
  return loadConfig({ type: 'value', value }, { resolve: () => 'a secret' });
}
