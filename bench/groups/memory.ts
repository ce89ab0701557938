import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../measure/first-answer.ts';
import { freePort } from '../measure/free-port.ts';
import { openStreams, startHeldProvider } from '../measure/held.ts';
import { residentBytes } from '../measure/processor-time.ts';
import { runWrk } from '../measure/wrk.ts';
import type { Load } from '../upstream/load.ts';
import type { RunningVariant, Variant } from '../variants/variant.ts';
import type { Bench } from './bench.ts';

const STREAMS = 5_000;
const FIRST_ANSWERS = 20;
const SETTLE_MS = 2_000;
const JSON_LOAD: Load = { wire: 'openai', pace: 'json' };

/** Resident memory of each variant: idle, after 256 connections of load, and per stream with 5,000 of them open and silent. */
export async function measureMemory(bench: Bench): Promise<void> {
  const heldPort = await freePort();
  const held = startHeldProvider(heldPort);
  try {
    for (const variant of bench.variants) {
      await withOne(bench, variant, heldPort, (running) => measureLoaded(bench, running));
      await withOne(bench, variant, heldPort, (running) => measureStreams(bench, running));
    }
  } finally {
    await held.stop();
  }
}

// Each figure from a fresh process, so that the garbage of one measurement is not room for the next.
async function withOne(
  bench: Bench,
  variant: Variant,
  heldPort: number,
  use: (running: RunningVariant) => Promise<void>,
): Promise<void> {
  const running = await variant.start({ provider: bench.provider, heldPort });
  try {
    for (let i = 0; i < FIRST_ANSWERS; i += 1) await ask(running.request(JSON_LOAD));
    await sleep(SETTLE_MS);
    await use(running);
  } finally {
    await running.stop();
  }
}

async function measureLoaded({ samples, plan, progress }: Bench, running: RunningVariant): Promise<void> {
  progress(`memory ${running.name}`);
  samples.add('memory-idle', running.name, residentBytes(running.pid) / MEGABYTE);
  await runWrk(running.request(JSON_LOAD), 256, plan.loadedSeconds);
  await sleep(SETTLE_MS);
  samples.add('memory-loaded', running.name, residentBytes(running.pid) / MEGABYTE);
}

async function measureStreams({ samples, progress }: Bench, running: RunningVariant): Promise<void> {
  progress(`memory of ${STREAMS} streams, ${running.name}`);
  const before = residentBytes(running.pid);
  const client = await openStreams(running.request({ wire: 'openai', pace: 'held' }), STREAMS);
  if (typeof client === 'string') {
    samples.note(`${running.name} could not hold ${STREAMS} streams open: ${client}`);
    return;
  }
  try {
    await sleep(SETTLE_MS);
    samples.add('memory-stream', running.name, (residentBytes(running.pid) - before) / STREAMS / 1024);
  } finally {
    await client.stop();
  }
}

const MEGABYTE = 1024 * 1024;
