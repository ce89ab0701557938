import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../../scripts/tool.ts';
import { run, temporaryFolder, type Outcome } from './run.ts';

let here = temporaryFolder();
beforeEach(() => {
  here = temporaryFolder();
});
afterEach(() => here.remove());

function cli(...args: readonly string[]): Promise<Outcome> {
  return run(args, { cwd: here.folder });
}

function write(name: string, text: string): void {
  writeFileSync(path.join(here.folder, name), text);
}

describe('the program', () => {
  it('lists every command in its help, and suggests the nearest for one that is mistyped', async () => {
    const [help, mistyped] = await Promise.all([cli('--help'), cli('serv')]);
    expect(help.code).toBe(0);
    const listed = [...help.stdout.matchAll(/^ {2}(\w+) /gm)].map((match) => match[1]);
    const commands = [
      'init',
      'serve',
      'chat',
      'check',
      'doctor',
      'models',
      'explain',
      'requests',
      'keys',
      'simulate',
    ];
    expect(listed).toEqual(expect.arrayContaining(commands));
    expect(mistyped).toMatchObject({ code: 2, stdout: '' });
    expect(mistyped.stderr).toContain('Did you mean serve?');
  });

  it('loads the code of a command only when it is run: nothing of it is imported for the help', () => {
    const source = readFileSync(path.join(ROOT, 'src/cli/program.ts'), 'utf8');
    const imported = [...source.matchAll(/^import .* from '(.*)';$/gm)].map((match) => match[1]);
    expect(imported).toEqual(['commander', '../compose/version.ts', './lazily.ts']);
  });

  it('tells its version', async () => {
    const [plain, data, bare] = await Promise.all([
      cli('version'),
      cli('version', '--json'),
      cli('--version'),
    ]);
    expect(bare).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    expect(plain.stdout).toMatch(/^bellwether \d+\.\d+\.\d+ \(Node \d/);
    expect(JSON.parse(data.stdout)).toMatchObject({ node: process.versions.node });
  });
});

const TWO_TARGETS = `providers:
  one: { kind: simulated }
  two: { kind: simulated, simulate: { like: anthropic } }
models:
  smart: { targets: [one/gpt-4.1], fallbacks: [other] }
  other: { targets: [two/claude-sonnet-4-5] }
`;

const THREE_MISTAKES = `providers:
  one: { kind: simulatd }
  two: { kind: openai, key: env:NOWHERE }
models:
  smart: { targets: [on/gpt-4.1] }
`;

describe('check', () => {
  it('says what a configuration means: models with their targets in order, windows and prices', async () => {
    write('bellwether.yaml', TWO_TARGETS);
    const { code, stdout } = await cli('check');
    expect(code).toBe(0);
    expect(stdout).toBe(`The configuration is right (bellwether.yaml): 2 providers, 2 models, 0 routes.

smart
  1.  one/gpt-4.1            1.05M context  $2.00 in, $8.00 out per 1M   simulated
  2.  two/claude-sonnet-4-5  200k context   $3.00 in, $15.00 out per 1M  stands in as other, simulated

other
  1.  two/claude-sonnet-4-5  200k context  $3.00 in, $15.00 out per 1M  simulated

Worth a look:
  other has one target and no fallbacks: when two/claude-sonnet-4-5 is down, so is other.
`);
  });

  it('tells every mistake with its line and the nearest name, in words and as data, and exits with 2', async () => {
    write('bad.yaml', THREE_MISTAKES);
    const [words, data] = await Promise.all([cli('check', 'bad.yaml'), cli('check', 'bad.yaml', '--json')]);
    expect([words.code, data.code, words.stdout]).toEqual([2, 2, '']);
    expect(words.stderr.trim().split('\n')).toEqual([
      'The configuration has 3 problems:',
      'bad.yaml:2: providers.one.kind: there is no provider kind "simulatd" (did you mean "simulated"?)',
      expect.stringContaining('bad.yaml:3: providers.two.key: env:NOWHERE leads to nothing'),
      expect.stringContaining('bad.yaml:5: models.smart.targets[0]: there is no provider "on"'),
    ]);
    expect(JSON.parse(data.stdout)).toMatchObject({
      ok: false,
      file: 'bad.yaml',
      problems: [{ line: 2 }, { line: 3 }, { line: 5 }],
    });
  });

  it('says that a file is missing', async () => {
    const { code, stderr } = await cli('check', 'nowhere.yaml');
    expect(code).toBe(2);
    expect(stderr).toContain('nowhere.yaml: cannot be read');
  });
});

describe('explain', () => {
  it('shows where a request would go, and why not elsewhere', async () => {
    write('bellwether.yaml', TWO_TARGETS);
    const [words, data] = await Promise.all([
      cli('explain', 'smart', '--tokens', '500k'),
      cli('explain', 'smart', '--json'),
    ]);
    expect(words.stdout).toContain('1.  one/gpt-4.1');
    expect(words.stdout).toMatch(
      /Passed over:\n {2}two\/claude-sonnet-4-5: its context window of 200000 tokens/,
    );
    const { candidates, skipped } = JSON.parse(data.stdout);
    expect(candidates.map((each: { address: string }) => each.address)).toEqual([
      'one/gpt-4.1',
      'two/claude-sonnet-4-5',
    ]);
    expect(skipped).toEqual([]);
  });

  it('names the nearest model and exits with 4 where there is none of this name', async () => {
    expect(await cli('explain', 'gpt4.1')).toMatchObject({
      code: 4,
      stderr: 'Error: There is no model "gpt4.1" here (did you mean "gpt-4.1"?).\n',
    });
  });
});

describe('models', () => {
  it('lists public names, and on request the kinds of providers', async () => {
    const [names, kinds] = await Promise.all([cli('models', '--json'), cli('models', '--kinds')]);
    const listed = JSON.parse(names.stdout).models.map((each: { name: string }) => each.name);
    expect(listed).toEqual(['gpt-4.1', 'claude-sonnet-4.5', 'gemini-2.5-flash', 'deepseek-v3.2', 'auto']);
    expect(kinds.stdout).toMatch(/^openai-compatible +OpenAI-compatible +any variable +give base_url$/m);
  });
});

describe('init', () => {
  it('writes a configuration that check accepts, and never over one that is there', async () => {
    const env = { OPENROUTER_API_KEY: 'x', MISTRAL_API_KEY: 'y' };
    const first = await run(['init', '--yes'], { cwd: here.folder, env });
    expect(first).toMatchObject({ code: 0, stdout: '' });
    expect(first.stderr).toContain('bellwether.yaml is written, over mistral, openrouter.');
    const written = readFileSync(path.join(here.folder, 'bellwether.yaml'), 'utf8');
    expect(written).toContain('openrouter: { kind: openrouter, key: env:OPENROUTER_API_KEY }');
    const [again, checked] = await Promise.all([
      cli('init', '--yes'),
      run(['check'], { cwd: here.folder, env }),
    ]);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('bellwether.yaml is there already');
    expect(checked.code).toBe(0);
    expect(readFileSync(path.join(here.folder, 'bellwether.yaml'), 'utf8')).toBe(written);
  });
});

describe('keys, without a gateway', () => {
  it('makes, lists, changes and revokes them on the database itself', async () => {
    const made = await cli(
      'keys',
      'create',
      '--name',
      'ci',
      '--model',
      'gpt-4.1',
      'auto',
      '--expires',
      '30d',
    );
    expect(made.code).toBe(0);
    // The key alone, so that a script can take it.
    expect(made.stdout).toMatch(/^bw_live_[0-9A-Za-z]{38}\n$/);
    expect(made.stderr).not.toContain(made.stdout.trim());
    const { keys } = JSON.parse((await cli('keys', 'list', '--json')).stdout);
    expect(keys).toMatchObject([
      { name: 'ci', role: 'inference', models: ['gpt-4.1', 'auto'], direct_targets: false },
    ]);
    const id: string = keys[0].id;
    const changed = await cli('keys', 'update', id, '--all-models', '--direct', '--json');
    expect(JSON.parse(changed.stdout)).toMatchObject({ id, models: null, direct_targets: true, name: 'ci' });
    expect((await cli('keys', 'revoke', id)).stderr).toBe(`Revoked ${id} (ci), for good.\n`);
    const list = await cli('keys', 'list');
    expect(list.stdout).toBe('');
    expect(list.stderr).toContain('There is no key in force.');
  });

  it('need no keys of providers in the environment of whoever types', async () => {
    write('bellwether.yaml', 'providers: { one: { kind: openai, key: "env:NOWHERE" } }\n');
    expect((await cli('keys', 'create', '--name', 'ci')).code).toBe(0);
  });

  it('says that there is no database, and makes none for a question', async () => {
    expect(await cli('keys', 'list')).toMatchObject({ code: 4, stdout: '' });
    expect(existsSync(path.join(here.folder, 'data'))).toBe(false);
  });
});

describe('chat, without a gateway', () => {
  it('answers from this process, with the answer on standard output and where it came from beside it', async () => {
    const { code, stdout, stderr } = await cli('chat', 'gpt-4.1', 'Say hello');
    expect([code, stdout]).toEqual([0, 'hello\n']);
    expect(stderr).toMatch(/openai\/gpt-4\.1 · first token .* · 7 in, 2 out · \$0\.\d+ · simulated\n$/);
    expect(existsSync(path.join(here.folder, 'data'))).toBe(false);
  });

  it('takes the prompt from a pipe, and tells everything as data', async () => {
    const { stdout } = await run(['chat', '--json'], { cwd: here.folder, input: 'Say hello' });
    expect(JSON.parse(stdout)).toMatchObject({ text: 'hello', problem: null, attempts: 1, simulated: true });
  });

  it.each([
    ['openai/gpt-4.1#cut:3', 1, 'broke off'],
    ['gpt-9', 4, 'There is no model "gpt-9"'],
  ])('never takes a part for the whole: %s', async (model, code, message) => {
    const outcome = await cli('chat', model, 'Tell me a story');
    expect(outcome.code).toBe(code);
    expect(outcome.stderr).toContain(message);
  });
});

describe('doctor', () => {
  it('finds what is wrong and exits with 1, in words that say what to do', async () => {
    write(
      'bellwether.yaml',
      'providers: { gone: { kind: vllm, base_url: "http://127.0.0.1:9/v1" } }\nmodels: { m: { targets: [gone/x] } }\n',
    );
    const { code, stdout } = await cli('doctor', '--json', '--port', '0');
    expect(code).toBe(1);
    const { ok, findings } = JSON.parse(stdout);
    expect(ok).toBe(false);
    const gone = findings.filter((each: { state: string }) => each.state === 'wrong');
    expect(gone).toEqual([
      {
        about: 'Provider gone',
        state: 'wrong',
        message: expect.stringMatching(/^http:\/\/127\.0\.0\.1:9\/v1 cannot be reached: .*Check the address/),
      },
    ]);
  });
});
