import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLog, type NodeLog } from '../../src/node/log.ts';
import type { RequestFinished } from '../../src/spec/event.ts';
import { openGateway, type RunningGateway } from '../conformance/gateway.ts';
import { describeShared } from '../shared.ts';
import { startProviderOfFaults, type ProviderOfFaults } from './fault-server.ts';
import { ask } from './clients.ts';
import { cataloguedFaults, HEAVY, prepareRuns, type Fault, type Run } from './runs.ts';
import { verdict, type Seen } from './verdict.ts';
import { MORE_FAULTS, cutAfter } from './scripts.ts';
import { WEAKER } from './weaker.ts';
import { CUT, CUTS, MORE_EXPECTED } from './more-expected.ts';

/** Requests under way at once. */
const PARALLEL = 24;
/** Longest that a caller may wait for an answer, whatever fails: the longest wait of a target, twice, and the work. */
const ANSWER_MS_MAX = 8_000;
/** The same for what sends tens of megabytes. */
const HEAVY_MS_MAX = 20_000;

const faults: readonly Fault[] = [...cataloguedFaults(), ...moreFaults()];

let provider: ProviderOfFaults;
let gateway: RunningGateway;
let folder: string;
let log: NodeLog;
let runs: readonly Run[];
const finished = new Map<string, RequestFinished>();
const told: string[] = [];
const seen = new Map<string, Seen>();

describeShared('a caller with a healthy fallback', () => {
  beforeAll(async () => {
    provider = await startProviderOfFaults();
    const prepared = prepareRuns(faults, provider);
    ({ runs } = prepared);
    folder = await mkdtemp(path.join(tmpdir(), 'bellwether-faults-'));
    log = createLog({ level: 'debug', destination: { path: path.join(folder, 'log') } });
    gateway = await openGateway({ ...prepared.sections, observe: { log_level: 'debug' } }, log);
    gateway.instance.bus.subscribe('survival', (event) => {
      if (event.type === 'request-finished') finished.set(event.requestId, event);
      told.push(
        JSON.stringify(event, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
      );
    });
    await inParallel(
      runs.filter(({ id }) => !HEAVY.has(id)),
      PARALLEL,
      perform,
    );
    await inParallel(
      runs.filter(({ id }) => HEAVY.has(id)),
      2,
      perform,
    );
  }, 60_000);
  afterAll(async () => {
    await gateway.close();
    await provider.close();
    await log.close();
    await rm(folder, { recursive: true });
  });

  it.each(faults.map(({ id }) => id))('survives %s', (id) => {
    const mine = runs.filter((run) => run.id === id);
    expect(mine.length).toBeGreaterThanOrEqual(4);
    const wrong = mine.flatMap((run) => {
      const found = verdict(run, seen.get(run.name));
      return found === null ? [] : [`${run.name}: ${found}`];
    });
    expect(wrong.join('\n')).toBe('');
  });

  it('tells the count', () => {
    const catalogued = new Set(cataloguedFaults().map(({ id }) => id));
    const of = (all: readonly Run[]): string => {
      const survived = all.filter((run) => verdict(run, seen.get(run.name)) === null).length;
      return `${survived} of ${all.length}`;
    };
    const ours = runs.filter(({ id }) => catalogued.has(id));
    const more = runs.filter(({ id }) => !catalogued.has(id));
    process.stdout.write(
      `faults survived: ${catalogued.size} x ${(ours.length / catalogued.size).toFixed(1)} (${of(ours)} runs), ` +
        `${faults.length - catalogued.size} more (${of(more)} runs)\n`,
    );
    expect(catalogued.size).toBe(144);
    // Where chance may decide the kind is in the list with a reason; nothing is in it that is no fault of ours.
    const byChance = ours.filter(({ expected }) => expected.among !== undefined).map(({ id }) => id);
    expect(Object.keys(WEAKER)).toEqual(expect.arrayContaining([...new Set(byChance)]));
    expect([...catalogued]).toEqual(expect.arrayContaining(Object.keys(WEAKER)));
    expect(Object.keys(WEAKER)).toHaveLength(9);
  });

  it('is told nothing of a key, or of what a provider echoed of one; nor are log and events', async () => {
    for (const run of runs) {
      const { raw = '' } = seen.get(run.name)?.received ?? {};
      expect(leaks(raw), run.name).toEqual([]);
    }
    expect(told.length).toBeGreaterThan(runs.length);
    expect(told.flatMap(leaks)).toEqual([]);
    await log.close();
    const lines = (await readFile(path.join(folder, 'log'), 'utf8')).split('\n');
    expect(lines.length).toBeGreaterThan(runs.length);
    expect(lines.flatMap(leaks)).toEqual([]);
  });
});

async function perform(run: Run): Promise<void> {
  const question = {
    url: gateway.url,
    key: gateway.key,
    model: run.model,
    wire: run.client,
    streamed: run.streamed,
    tools: run.expected.calls === true,
  };
  // The connection that has gone stale must first be there.
  if (run.expected.place === 'stale') await ask(question);
  const startedMs = performance.now();
  const received = await ask(question);
  const tookMs = performance.now() - startedMs;
  const event = await finishedEvent(received.requestId);
  seen.set(run.name, {
    received,
    event,
    tookMs,
    late: tookMs > (HEAVY.has(run.id) ? HEAVY_MS_MAX : ANSWER_MS_MAX),
  });
}

async function finishedEvent(requestId: string): Promise<RequestFinished | null> {
  for (let turn = 0; turn < 200; turn += 1) {
    const event = finished.get(requestId);
    if (event !== undefined) return event;
    await new Promise((resolve) => void setImmediate(resolve));
  }
  return null;
}

async function inParallel<Item>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

/** The key of all providers here, and the masked fragments that catalogued errors echo. */
const SECRETS = ['sk-provider', 'sk-ex', '****', 'org-EXAMPLE', 'org_EXAMPLE'];

function leaks(text: string): readonly string[] {
  return SECRETS.filter((secret) => text.includes(secret)).map(
    (secret) => `${secret} in ${text.slice(0, 300)}`,
  );
}

function moreFaults(): readonly Fault[] {
  const named = Object.entries(MORE_FAULTS).map(([id, script]) => ({
    id,
    script,
    expected: MORE_EXPECTED[id],
  }));
  const cuts = CUTS.flatMap((bytes) =>
    (['reset', 'end'] as const).map((ending) => ({
      id: `cut-by-${ending}-after-${bytes}`,
      script: cutAfter(bytes, ending),
      expected: CUT,
    })),
  );
  return [...named, ...cuts].map(({ id, script, expected }) => {
    if (expected === undefined) throw new Error(`${id} is not in the table`);
    return { id, script, expected, wires: ['chat', 'messages', 'gemini'] };
  });
}
