import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { campaign, inWords, together, type Failure, type Tally } from './campaign.ts';
import { showManyDurable, showOneDurable } from './durable/main.ts';
import { drawHistory, REQUESTS } from './history/draw.ts';
import { runHistory } from './history/run.ts';
import type { HistoryScript } from './history/script.ts';
import { INVARIANTS, PENDING } from './invariants/table.ts';
import { shrink } from './shrink.ts';

const USAGE = `Usage: npm run sim -- [--lifetimes N] [--first-seed N] [--workers N]
       npm run sim -- --seed N [--shrink] [--invariant ID]
       npm run sim -- --script FILE [--shrink] [--invariant ID]
With --durable: queue and kept answers over a simulated disk, in one thread.`;
/** Seeds that a worker lives through before it reports. */
const BATCH_SEEDS = 50;
const FAILURES_TOLD = 100;

if (isMainThread) await main();
else await work();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      lifetimes: { type: 'string', default: '100000' },
      'first-seed': { type: 'string', default: '1' },
      workers: { type: 'string', default: String(availableParallelism()) },
      seed: { type: 'string' },
      script: { type: 'string' },
      shrink: { type: 'boolean', default: false },
      invariant: { type: 'string' },
      durable: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    say(USAGE);
  } else if (values.durable) {
    const { seed, script, shrink: small, invariant: id = null } = values;
    const from = script === undefined ? { seed: Number(seed) } : { file: script };
    const held =
      seed === undefined && script === undefined
        ? await showManyDurable(Number(values['first-seed']), Number(values.lifetimes), say)
        : await showOneDurable(from, { small, id }, say);
    if (!held) process.exitCode = 1;
  } else if (values.seed !== undefined || values.script !== undefined) {
    const script: HistoryScript =
      values.script === undefined
        ? drawHistory(Number(values.seed))
        : JSON.parse(readFileSync(values.script, 'utf8'));
    await showOne(script, values.shrink, values.invariant ?? null);
  } else {
    await showMany(Number(values['first-seed']), Number(values.lifetimes), Number(values.workers));
  }
}

// One history, with everything that happened; shrunk before, where wanted.
async function showOne(drawn: HistoryScript, small: boolean, wanted: string | null): Promise<void> {
  const first = await runHistory(drawn, { invariants: INVARIANTS });
  const id = wanted ?? [...first.violations, ...first.pending][0]?.id;
  const script = small && id !== undefined ? await shrink(drawn, (each) => violates(each, id)) : drawn;
  const outcome = await runHistory(script, { invariants: INVARIANTS, story: true });
  for (const line of outcome.story) say(line);
  say(JSON.stringify(script));
  for (const { id: violated, atMs, what } of [...outcome.violations, ...outcome.pending])
    say(`${violated} at ${atMs} ms: ${what}${PENDING[violated] === undefined ? '' : ' (pending)'}`);
  say(`trace ${outcome.trace.slice(0, 16)}`);
  if (outcome.violations.length > 0) process.exitCode = 1;
}

async function violates(script: HistoryScript, id: string): Promise<boolean> {
  try {
    const outcome = await runHistory(script, { invariants: INVARIANTS });
    return [...outcome.violations, ...outcome.pending].some((violation) => violation.id === id);
  } catch {
    return false;
  }
}

interface Batch {
  readonly firstSeed: number;
  readonly seeds: number;
}

async function showMany(firstSeed: number, lifetimes: number, workers: number): Promise<void> {
  const startedMs = performance.now();
  const seeds = Math.ceil(lifetimes / REQUESTS);
  const batches: Batch[] = [];
  for (let from = 0; from < seeds; from += BATCH_SEEDS)
    batches.push({ firstSeed: firstSeed + from, seeds: Math.min(BATCH_SEEDS, seeds - from) });
  const tallies: Tally[] = [];
  const queue = batches.values();
  await Promise.all(Array.from({ length: Math.min(workers, batches.length) }, () => employ(queue, tallies)));
  const tally = together(tallies.toSorted((a, b) => a.firstSeed - b.firstSeed));
  const seconds = (performance.now() - startedMs) / 1_000;
  for (const failure of tally.failures.slice(0, FAILURES_TOLD)) say(failureInWords(failure));
  say(inWords(tally));
  say(
    `${Math.round(tally.lifetimes / seconds)} lifetimes/s with ${workers} workers in ${seconds.toFixed(0)} s`,
  );
  for (const [id, reason] of Object.entries(PENDING)) say(`pending ${id}: ${reason}`);
  if (tally.failures.length > 0) process.exitCode = 1;
}

function failureInWords({ seed, violation: { id, atMs, what } }: Failure): string {
  return `seed ${seed} violates ${id} at ${atMs} ms: ${what}; see npm run sim -- --seed ${seed} --shrink --invariant ${id}`;
}

// A worker that is given one batch after the other.
function employ(queue: Iterator<Batch>, tallies: Tally[]): Promise<void> {
  const worker = new Worker(new URL(import.meta.url), { workerData: {} });
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const batch = queue.next();
      worker.postMessage(batch.done === true ? null : batch.value);
    };
    worker.on('message', (tally: Tally) => {
      tallies.push(tally);
      next();
    });
    worker.on('error', reject);
    worker.on('exit', () => resolve());
    next();
  });
}

async function work(): Promise<void> {
  const port = parentPort;
  if (port === null || workerData === null) return;
  for (;;) {
    const batch = await new Promise<Batch | null>((resolve) => port.once('message', resolve));
    if (batch === null) break;
    port.postMessage(
      await campaign({
        firstSeed: batch.firstSeed,
        invariants: INVARIANTS,
        enough: (seeds) => seeds >= batch.seeds,
      }),
    );
  }
  port.close();
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
