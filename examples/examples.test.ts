import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../scripts/tool.ts';
import { startInstance, type Instance } from '../src/compose/instance.ts';
import { loadConfig } from '../src/compose/load-config.ts';
import { createSecrets } from '../src/node/secrets.ts';

const FOLDER = path.join(ROOT, 'examples');
const run = promisify(execFile);

/** What each example has to say, and how it is run where that is not `node <file>`. */
const EXAMPLES: { readonly [file: string]: { readonly says: RegExp; readonly command?: readonly string[] } } =
  {
    'openai-sdk.mjs': { says: /^1, 2, 3, 4, 5, 6, 7, 8, 9, 10$/m },
    'anthropic-sdk.mjs': { says: /^The capital of Japan is Tokyo\.\n\d+ tokens in, \d+ out$/m },
    'ai-sdk.mjs': { says: /sun over Paris[\s\S]*sun over Rome/ },
    'curl.sh': { says: /"content":"12 \* 12 = 144"/, command: ['sh', 'curl.sh'] },
    'library.mjs': {
      says: /^hello \(from sound, attempt 2, 0\.\d+ USD\)$/m,
      command: [process.execPath, '--import', './from-source.mjs', 'library.mjs'],
    },
    'survive-outage.mjs': {
      says: /^1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12\nfirst\/gpt-4\.1 began and failed \(upstream_broken_off\)\nsecond\/claude-sonnet-4-5 went on by prefill and finished$/m,
      command: [process.execPath, '--import', './from-source.mjs', 'survive-outage.mjs'],
    },
  };

let folder: string;
let instance: Instance;
let key: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'bellwether-examples-'));
  const value = {
    server: { port: 0 },
    store: { url: `sqlite:${path.join(folder, 'bellwether.db')}` },
    observe: { log_level: 'silent' },
  };
  // No key in the environment: simulated providers stand in, as for somebody who tries it out.
  instance = await startInstance({ loaded: loadConfig({ type: 'value', value }, createSecrets({})) });
  const wanted = { role: 'inference', name: 'examples', models: null, tags: [], expiresAtMs: null } as const;
  key = (await instance.keys.issue({ ...wanted, directTargets: false })).plain;
});
afterAll(async () => {
  await instance.close(0);
  await rm(folder, { recursive: true, force: true });
});

describe('the examples', () => {
  it.concurrent.for(Object.entries(EXAMPLES))('%s works', async ([file, { says, command }], { skip }) => {
    const [program = '', ...args] = command ?? [process.execPath, file];
    if (file === 'curl.sh' && !hasCurl()) {
      process.stderr.write('Skipped: examples/curl.sh (curl is not installed).\n');
      skip('curl is not installed');
    }
    const { PATH } = process.env;
    const env = { PATH, BELLWETHER_URL: instance.server.url, BELLWETHER_KEY: key };
    const { stdout, stderr } = await run(program, args, { cwd: FOLDER, env, timeout: 25_000 });
    expect(stdout).toMatch(says);
    expect(stderr).toBe('');
  });

  it('are all run here and told in their README', async () => {
    const files = (await readdir(FOLDER)).filter((name) => /\.(mjs|sh)$/.test(name));
    expect(files.toSorted()).toEqual([...Object.keys(EXAMPLES), 'from-source.mjs'].toSorted());
    const readme = await readFile(path.join(FOLDER, 'README.md'), 'utf8');
    for (const name of files) expect(readme).toContain(name);
  });
});

function hasCurl(): boolean {
  return spawnSync('curl', ['--version']).status === 0;
}
