import { measureSlice } from '../measure/slice.ts';
import { runWrk } from '../measure/wrk.ts';
import { inRound } from '../plan.ts';
import { STREAM_CHUNKS, type Load } from '../upstream/load.ts';
import type { RunningVariant } from '../variants/variant.ts';
import { withRunning, type Bench } from './bench.ts';

/** One saturated load whose cost is measured for every variant. */
interface Stretch {
  /** Prefix of its measures. */
  readonly measure: string;
  readonly load: Load;
  readonly connections: number;
  readonly seconds: number;
  /** Units of work in one answer: 1, or the chunks of a stream. */
  readonly units: number;
}

const JSON_LOAD: Load = { wire: 'openai', pace: 'json' };
const PACED: Load = { wire: 'openai', pace: 'paced' };
const BURST: Load = { wire: 'openai', pace: 'burst' };

/** JSON calls on 64 and on 256 connections. */
export function measureJson(bench: Bench): Promise<void> {
  const seconds = bench.plan.jsonSeconds;
  const common = { load: JSON_LOAD, seconds, units: 1 };
  return measureStretches(bench, [
    { ...common, measure: 'json-c64', connections: 64 },
    { ...common, measure: 'json-c256', connections: 256 },
  ]);
}

/** Streams with 2 ms between chunks on 256 connections, and streams at once on 64. */
export function measureSse(bench: Bench): Promise<void> {
  const seconds = bench.plan.sseSeconds;
  const common = { seconds, units: STREAM_CHUNKS };
  return measureStretches(bench, [
    { ...common, measure: 'sse-paced', load: PACED, connections: 256 },
    { ...common, measure: 'sse-burst', load: BURST, connections: 64 },
  ]);
}

/** An OpenAI client on each provider's wire, in the gateway only: what translating costs beside passing bytes through. */
export function measureTranslated(bench: Bench): Promise<void> {
  const variants = bench.variants.filter(({ name }) => name === 'gateway');
  const seconds = bench.plan.translatedSeconds;
  const stretches = (['openai', 'anthropic', 'gemini'] as const).flatMap((wire): readonly Stretch[] => [
    { measure: `translated-json-${wire}`, load: { wire, pace: 'json' }, connections: 64, seconds, units: 1 },
    {
      measure: `translated-sse-${wire}`,
      load: { wire, pace: 'paced' },
      connections: 256,
      seconds,
      units: STREAM_CHUNKS,
    },
  ]);
  return measureStretches({ ...bench, variants }, stretches);
}

// All variants stay up while the rounds go over them, so that each is warmed up once and its idle time costs the others
// nothing.
function measureStretches(bench: Bench, stretches: readonly Stretch[]): Promise<void> {
  return withRunning(bench, async (running) => {
    for (const each of running) await warmUp(bench, each, stretches);
    for (let round = 0; round < bench.plan.rounds; round += 1) {
      for (const stretch of inRound(stretches, round)) {
        for (const each of inRound(running, round)) await measure(bench, each, stretch, round);
      }
    }
    for (const each of running) noteDisturbance(bench, each, stretches);
  });
}

// What a reader must know to trust the figures.
function noteDisturbance({ samples }: Bench, { name }: RunningVariant, stretches: readonly Stretch[]): void {
  for (const { measure: prefix } of stretches) {
    const disturbed = samples.of(`${prefix}.disturbed`, name);
    const late = samples.of(`${prefix}.late`, name);
    if (disturbed !== null && disturbed.median > 0.1) {
      const percent = (disturbed.median * 100).toFixed(0);
      samples.note(`${prefix}, ${name}: other programs took ${percent} % of its processor (median).`);
    }
    if (late !== null && late.max > 0) {
      samples.note(`${prefix}, ${name}: up to ${late.max} requests of a slice took longer than two seconds.`);
    }
  }
}

async function warmUp(bench: Bench, running: RunningVariant, stretches: readonly Stretch[]): Promise<void> {
  const seconds = Math.max(1, Math.round(bench.plan.warmUpSeconds[running.name] / stretches.length));
  for (const { load, connections } of stretches) {
    bench.progress(`warming up ${running.name}`);
    await running.answerBytes(load);
    await runWrk(running.request(load), connections, seconds);
  }
}

async function measure(
  bench: Bench,
  running: RunningVariant,
  stretch: Stretch,
  round: number,
): Promise<void> {
  const { measure: name, units } = stretch;
  bench.progress(`${name} ${running.name}, round ${round + 1} of ${bench.plan.rounds}`);
  const slice = await measureSlice(running, { ...stretch, repeatsMax: bench.plan.repeatsMax });
  const { samples } = bench;
  samples.add(`${name}.cpu-us`, running.name, slice.cpuUs / units);
  samples.add(`${name}.per-core`, running.name, slice.perCoreSecond * units);
  samples.add(`${name}.seen`, running.name, (slice.answers * units) / slice.seconds);
  samples.add(`${name}.disturbed`, running.name, slice.disturbed);
  samples.add(`${name}.late`, running.name, slice.late);
}
