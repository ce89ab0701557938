import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestFinished } from '../../src/spec/event.ts';
import { installAgent, type Installed } from './agents/install.ts';
import { MODELS, openHouse, WIRES, type House } from './house.ts';

const run = promisify(execFile);

const QUESTION = 'Please read the file notes.txt';

let house: House;
/** A project for the agents to work in, and a home folder of their own, so that nothing of the user's is touched or read. */
let workplace: string;
let home: string;
beforeAll(async () => {
  house = await openHouse();
  workplace = await mkdtemp(path.join(tmpdir(), 'bellwether-agent-'));
  home = path.join(workplace, '.home');
  await mkdir(home);
  await writeFile(path.join(workplace, 'notes.txt'), 'The password of the lighthouse is marmalade.\n');
});
afterAll(async () => {
  await house.close();
  await rm(workplace, { recursive: true, force: true });
});

describe('Claude Code, headless', () => {
  let claude: Installed;
  beforeAll(async () => {
    claude = await installAgent({ name: '@anthropic-ai/claude-code', program: 'claude' });
    announce('Claude Code', claude);
  }, 180_000);

  it.for(WIRES)('reads a file by its tool and tells what stands in it, on %s', async (wire, { skip }) => {
    if (claude.type === 'missing') return skip(claude.reason);
    const seen: RequestFinished[] = [];
    const subscription = house.instance.bus.subscribe('agents', (event) => {
      if (event.type === 'request-finished') seen.push(event);
    });
    const env = {
      PATH: process.env['PATH'],
      HOME: home,
      ANTHROPIC_BASE_URL: house.url,
      ANTHROPIC_API_KEY: house.key,
      ANTHROPIC_MODEL: MODELS[wire],
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    };
    const args = ['-p', QUESTION, '--output-format', 'json', '--allowedTools', 'Read'];
    const asked = run(claude.program, args, { cwd: workplace, timeout: 60_000, env });
    // It would wait for more to read.
    asked.child.stdin?.end();
    const result = JSON.parse((await asked).stdout);
    subscription.cancel();
    expect(result).toMatchObject({ type: 'result', is_error: false, num_turns: 2 });
    expect(result.result).toContain('marmalade');
    const answered = seen.filter(({ status, model }) => status === 200 && model === MODELS[wire]);
    expect(answered.length).toBeGreaterThanOrEqual(2);
    expect(seen.filter(({ status }) => status >= 500)).toEqual([]);
  });
});

describe('Codex, headless', () => {
  it('goes through a loop of tools', async ({ skip }) => {
    // It speaks the Responses API alone; the day that is served here, this skip turns into a failure.
    const { status } = await fetch(`${house.url}/v1/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${house.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: MODELS.openai, input: QUESTION }),
    });
    if (status === 404) {
      const reason = 'it needs /v1/responses, which this gateway does not serve yet';
      process.stderr.write(`Skipped: Codex (${reason}).\n`);
      return skip(reason);
    }
    return expect.fail('/v1/responses is served now: let Codex read a file here, as Claude Code does above.');
  });
});

function announce(name: string, installed: Installed): void {
  if (installed.type === 'missing') process.stderr.write(`Skipped: ${name} (${installed.reason}).\n`);
}
