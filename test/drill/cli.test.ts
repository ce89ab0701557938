import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run, runOn, temporaryFolder, type Outcome, type Running } from '../cli/run.ts';

let here = temporaryFolder();
let running: Running[] = [];
let clients: AbortController | null = null;
beforeEach(() => {
  here = temporaryFolder();
});
afterEach(async () => {
  clients?.abort();
  await Promise.all(running.map((each) => each.stop('SIGKILL')));
  running = [];
  here.remove();
});

const KEYS = {
  BELLWETHER_KEY: 'client-key-4fQz81LmXw27TrKc',
  BELLWETHER_ADMIN_KEY: 'admin-key-9sHd53PvNb06YjGe',
};

const CONFIG = `providers:
  one: { kind: simulated, simulate: { first_token_ms: 20, tokens_per_second: 400 } }
  two: { kind: simulated, simulate: { like: anthropic, first_token_ms: 20, tokens_per_second: 400 } }
models:
  smart: { targets: [one/gpt-4.1], fallbacks: [spare] }
  spare: { targets: [two/claude-sonnet-4-5] }
  frank: { targets: [one/gpt-4.1], fallbacks: [spare], failover: { resume: error } }
  alone: { targets: [one/gpt-4.1] }
`;

async function serve(): Promise<string> {
  writeFileSync(path.join(here.folder, 'bellwether.yaml'), CONFIG);
  const gateway = runOn(['serve', '--port', '0'], { cwd: here.folder, env: KEYS });
  running.push(gateway);
  const [, url = ''] = await gateway.until(/listens on (http:\S+)\n/);
  return url;
}

// A client that asks again and again until the test is over, and remembers how each answer ended.
function keepAsking(url: string, model: string): readonly string[] {
  const seen: string[] = [];
  clients = new AbortController();
  const { signal } = clients;
  const ask = async (): Promise<void> => {
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      signal,
      headers: { authorization: `Bearer ${KEYS.BELLWETHER_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model,
        stream: true,
        messages: [{ role: 'user', content: 'Count to 30, please.' }],
      }),
    });
    const body = await answer.text();
    const text = [...body.matchAll(/"content":"([^"]*)"/g)].map(([, piece]) => piece).join('');
    seen.push(body.includes('[DONE]') && text.endsWith('28, 29, 30') ? 'whole' : 'broken');
  };
  const go = async (): Promise<void> => {
    while (!signal.aborted) await ask().catch(() => seen.push('broken'));
  };
  void go();
  return seen;
}

function drill(url: string, ...args: readonly string[]): Promise<Outcome> {
  return run(['drill', '--url', url, ...args], { cwd: here.folder, env: KEYS });
}

describe('drill, at a running gateway', () => {
  it('makes a provider fail, loses nothing, says so in the log and in the requests, and is over by itself', async () => {
    const url = await serve();
    const seen = keepAsking(url, 'smart');
    const outcome = await drill(url, '--provider', 'one', '--fault', '503', '--for', '2s', '--json');
    expect([outcome.code, outcome.stderr]).toEqual([0, expect.stringContaining('one has the fault "503"')]);
    const { report, ...told } = JSON.parse(outcome.stdout);
    expect(told).toMatchObject({ provider: 'one', fault: '503', share: 1, ending: 'time' });
    expect(report).toMatchObject({ lost: 0, unavoidable: 0, under_way: 0, failed_besides: 0 });
    expect(report.met).toBeGreaterThan(0);
    expect(report.met).toBe(report.failed_over + report.recovered + report.resumed);
    expect(report.targets.map(({ target }: { target: string }) => target)).toContain('two/claude-sonnet-4-5');
    expect(report.verdict).toMatch(/^Nothing was lost: /);
    expect(new Set(seen)).toEqual(new Set(['whole']));
    const log = running[0]!.output();
    expect(log).toMatch(/DRILL: all calls to one get the fault \\?"503\\?" for 2 s/);
    expect(log).toMatch(/DRILL over \(time\)/);
    clients?.abort();
    await expect
      .poll(async () => recovered(url), { timeout: 5_000, interval: 200 })
      .toContain('drill: 503: ');
  });

  it('tells what was lost, and exits with 1', async () => {
    const url = await serve();
    keepAsking(url, 'frank');
    const outcome = await drill(url, '--provider', 'one', '--fault', 'cut:5', '--for', '1s');
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toMatch(/^[1-9]\d* of [1-9]\d* requests that met the fault were lost although/);
    expect(outcome.stdout).toMatch(/^ {2}lost +[1-9]/m);
  });

  it('takes a model without another target for what it is: nothing was lost that could have been saved', async () => {
    const url = await serve();
    keepAsking(url, 'alone');
    const outcome = await drill(url, '--provider', 'one', '--fault', 'down', '--for', '1s', '--json');
    const { report } = JSON.parse(outcome.stdout);
    expect([outcome.code, report.lost]).toEqual([0, 0]);
    expect(report.unavoidable).toBeGreaterThan(0);
    expect(report.verdict).toContain('give their models a fallback');
  });

  it('is ended by Ctrl-C, with its report', async () => {
    const url = await serve();
    const seen = keepAsking(url, 'smart');
    const args = ['drill', '--url', url, '--provider', 'one', '--fault', 'slow:50', '--for', '1h', '--json'];
    const long = runOn(args, { cwd: here.folder, env: KEYS });
    running.push(long);
    await expect.poll(() => seen.length, { timeout: 5_000 }).toBeGreaterThan(2);
    await expect.poll(async () => (await drills(url)).length, { timeout: 5_000 }).toBe(1);
    const { code, stdout } = await long.stop('SIGINT');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ending: 'stopped', report: { lost: 0 } });
    expect(await drills(url)).toMatchObject([{ ending: 'stopped' }]);
  });

  it('refuses what the gateway cannot do, and names what it can', async () => {
    const url = await serve();
    const refused = await Promise.all([
      drill(url, '--provider', 'onee', '--fault', 'down'),
      drill(url, '--provider', 'one', '--fault', 'dwn'),
      drill(url, '--provider', 'one', '--fault', 'down', '--for', '2d'),
    ]);
    expect(refused.map(({ code, stdout }) => [code, stdout])).toEqual([
      [2, ''],
      [2, ''],
      [2, ''],
    ]);
    expect(refused[0]?.stderr).toContain('No provider is called "onee" (did you mean "one"');
    expect(refused[1]?.stderr).toContain('There is no fault "dwn" (did you mean "down"?)');
    expect(refused[2]?.stderr).toContain('"seconds" is not valid');
  });

  it.each([
    [['--provider', 'one', '--fault', 'down', '--share', '2'], '--share takes a number above 0'],
    [['--provider', 'one', '--fault', 'down', '--for', 'long'], '--for takes a time such as'],
    [['--provider', 'one'], 'Say what goes wrong with --fault'],
  ])('refuses %j before anybody is asked', async (args, message) => {
    const { code, stderr } = await drill('http://127.0.0.1:9', ...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

async function admin(url: string, route: string): Promise<Response> {
  return fetch(`${url}/admin/v1${route}`, {
    headers: { authorization: `Bearer ${KEYS.BELLWETHER_ADMIN_KEY}` },
  });
}

async function drills(url: string): Promise<readonly object[]> {
  const { drills: list } = JSON.parse(await (await admin(url, '/drills')).text());
  return list;
}

async function recovered(url: string): Promise<string> {
  return (await admin(url, '/requests?outcome=recovered&limit=5')).text();
}

const SMALL = `name: small
seed: 4
config:
  providers:
    one: { kind: simulated, simulate: { tokens_per_second: 2000 } }
    two: { kind: simulated, simulate: { tokens_per_second: 2000 } }
  models:
    chat: { targets: [one/gpt-4.1], fallbacks: [spare] }
    spare: { targets: [two/gpt-4.1] }
load: { requests_per_second: 2, for: 3m, models: [chat] }
steps: [{ at: 1m, provider: one, fault: "503", for: 1m }]
expect: { availability: 1 }
`;

describe('drill, with a scenario', () => {
  const scenario = (text: string, ...args: readonly string[]): Promise<Outcome> => {
    writeFileSync(path.join(here.folder, 'small.yaml'), text);
    return run(['drill', '--scenario', 'small.yaml', ...args], { cwd: here.folder });
  };

  it('runs a file of its own, and the same seed gives the same report', async () => {
    const [words, first, second, other] = await Promise.all([
      scenario(SMALL),
      scenario(SMALL, '--json'),
      scenario(SMALL, '--json'),
      scenario(SMALL, '--json', '--seed', '5'),
    ]);
    expect([words.code, first.code]).toEqual([0, 0]);
    expect(words.stdout).toContain('As expected: nobody noticed more than a little time.');
    expect(first.stdout).toBe(second.stdout);
    expect(first.stdout).not.toBe(other.stdout);
    expect(JSON.parse(first.stdout)).toMatchObject({ ok: true, wrong: 0, failed: 0, availability: 1 });
  });

  it('exits with 1 where an expectation fails, and says which', async () => {
    const outcome = await scenario(SMALL.replace('two/gpt-4.1', 'one/gpt-4.1'));
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toMatch(/FAILED {2}lost +at most 0 +seen \d+/);
    expect(outcome.stdout).toContain('Not as expected.');
  });

  it('tells every mistake in a file with its line and field', async () => {
    const bad = SMALL.replace('for: 1m', 'fro: 1m').replace('for: 3m', 'for: soon');
    const { code, stderr } = await scenario(bad);
    expect(code).toBe(2);
    expect(stderr).toContain('small.yaml:10: load.for: expected a span of time such as 45s, 15m or 12h');
    expect(stderr).toContain('small.yaml:11: steps[0].fro: is not a known field (did you mean "for"?)');
  });

  it.each([
    ['provider: one', 'provider: three', 'small.yaml:11: steps[0].provider: there is no provider "three"'],
    ['"503"', '"5o3"', 'small.yaml:11: steps[0].fault: there is no fault "5o3"'],
    [
      'models: [chat]',
      'models: [chatt]',
      'small.yaml:10: load.models[0]: there is no model "chatt" in config',
    ],
    ['for: 1m', 'for: 30h', 'small.yaml:11: steps[0].for: a fault lasts more than 0 s and at most a day'],
    [
      '{ kind: simulated, simulate: { tokens_per_second: 2000 } }',
      '{ kind: ollama }',
      'every provider must be of the kind "simulated"',
    ],
    ['kind: simulated', 'kind: simulatd', 'small.yaml:5: providers.one.kind: there is no provider kind'],
  ])('refuses %s written as %s', async (right, wrong, message) => {
    const { code, stderr } = await scenario(SMALL.replace(right, wrong));
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it('lists those that come along, and prints one as a file that runs', async () => {
    const listed = await run(['drill', '--list', '--json'], { cwd: here.folder });
    const names = JSON.parse(listed.stdout).scenarios.map(({ name }: { name: string }) => name);
    expect(names).toEqual(['twelve-hour-outage', 'rate-limit-storm', 'cut-streams']);
    const printed = await run(['drill', '--scenario', 'cut-streams', '--print'], { cwd: here.folder });
    const again = await scenario(
      printed.stdout.replace('for: 12m', 'for: 4m').replaceAll(/^ {2}- \{ at: [59]m.*\n/gm, ''),
    );
    expect([again.code, again.stderr]).toEqual([0, '']);
  });

  it.each([
    [['--scenario', 'nowhere.yaml'], 'There is no scenario "nowhere.yaml"'],
    [['--scenario', 'cut-streams', '--provider', 'one'], 'Give --provider or --scenario, not both.'],
    [['--replay', 'nowhere.json'], 'The file "nowhere.json" cannot be read'],
    [[], 'Say what to drill'],
  ])('says what is wrong with %j', async (args, message) => {
    const outcome = await run(['drill', ...args], { cwd: here.folder });
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toContain(message);
  });
});
