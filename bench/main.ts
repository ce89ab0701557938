import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureDebian } from '../scripts/debian.ts';
import { readBudget } from './budget.ts';
import type { Bench } from './groups/bench.ts';
import { measureColdStart } from './groups/cold-start.ts';
import { measureLatency } from './groups/latency.ts';
import { measureMemory } from './groups/memory.ts';
import { measureJson, measureSse, measureTranslated } from './groups/throughput.ts';
import { GROUPS, readOptions, USAGE, VARIANTS, type GroupName, type Options } from './options.ts';
import { freshFolder, SCRATCH } from './places.ts';
import { PLANS } from './plan.ts';
import { profileText } from './profile/print-profile.ts';
import { runProfile } from './profile/run-profile.ts';
import { progressLine } from './report/progress.ts';
import { writeResults, type Findings } from './report/results-file.ts';
import { tableOf, terminalTable } from './report/table.ts';
import { Samples } from './samples.ts';
import { startFakeProvider, type FakeProvider } from './upstream/fake-provider.ts';
import { loadByName, LOADS, loadName } from './upstream/load.ts';
import { ensureGateway } from './variants/gateway.ts';
import { availableVariants } from './variants/available.ts';

const MEASURE: Readonly<Record<GroupName, (bench: Bench) => Promise<void>>> = {
  json: measureJson,
  sse: measureSse,
  translated: measureTranslated,
  latency: measureLatency,
  memory: measureMemory,
  cold: measureColdStart,
};

/** Loads whose profile a full run adds to the results. */
const PROFILED = ['openai-json', 'openai-paced', 'anthropic-paced'];

// Ending early must still end the programs that were started: they are ended when this process exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
const options = readOptions(process.argv.slice(2));
if (typeof options === 'string') {
  console.error(`${options}\n\n${USAGE}`);
  process.exitCode = 2;
} else {
  await run(options);
}

async function run(chosen: Options): Promise<void> {
  const missing = ensureDebian(['nginx-light', 'libnginx-mod-http-echo', 'wrk']);
  if (missing.type === 'missing') {
    console.error(`The benchmark needs nginx, its echo module and wrk, and was skipped: ${missing.reason}`);
    return;
  }
  freshFolder('run');
  const provider = await startFakeProvider();
  try {
    if (chosen.profile === null) await measureAll(chosen, provider);
    else await profileOne(chosen, provider, chosen.profile);
  } finally {
    await provider.child.stop();
  }
}

async function measureAll(chosen: Options, provider: FakeProvider): Promise<void> {
  const startedMs = performance.now();
  const samples = new Samples();
  const variants = await availableVariants(chosen, samples);
  const bench: Bench = { plan: PLANS[chosen.mode], provider, variants, samples, progress: progressLine };
  for (const group of chosen.groups) await measureGroup(group, bench);
  const whole =
    chosen.groups.length === GROUPS.length &&
    VARIANTS.every((name) => variants.some((variant) => variant.name === name));
  const profiles = whole && chosen.mode === 'full' ? await profileSome(provider) : [];
  progressLine('');
  report({
    options: chosen,
    samples,
    budget: readBudget(),
    titles: variants.map(({ title }) => title),
    profiles,
    minutes: (performance.now() - startedMs) / 60_000,
  });
  if (whole) console.log('Written to bench/RESULTS.md.');
  else
    console.log('bench/RESULTS.md was left as it is: only a run with all groups and all variants writes it.');
}

// What one group meets must not cost the figures of the others: it is tried once more, then noted.
async function measureGroup(group: Options['groups'][number], bench: Bench): Promise<void> {
  try {
    await MEASURE[group](bench);
  } catch {
    try {
      await MEASURE[group](bench);
    } catch (error) {
      bench.samples.note(
        `the group ${group} failed twice: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
}

function report(findings: Findings): void {
  const { options: chosen, samples, budget, titles } = findings;
  console.log(terminalTable(tableOf(samples, budget)));
  for (const note of samples.notes) console.log(`- ${note}`);
  writeFileSync(path.join(SCRATCH, 'samples.json'), JSON.stringify(samples, null, 2));
  if (chosen.groups.length === GROUPS.length && titles.length === VARIANTS.length) writeResults(findings);
}

async function profileSome(provider: FakeProvider): Promise<Findings['profiles']> {
  const profiles: Findings['profiles'][number][] = [];
  for (const name of PROFILED) {
    const load = loadByName(name);
    progressLine(`profiling ${name}`);
    if (load !== null) profiles.push({ load: name, profile: await runProfile(provider, load) });
  }
  return profiles;
}

async function profileOne(chosen: Options, provider: FakeProvider, name: string): Promise<void> {
  const load = loadByName(name);
  if (load === null || load.pace === 'held') {
    console.error(`There is no load "${name}"; there are ${LOADS.map(loadName).join(', ')}.`);
    process.exitCode = 2;
    return;
  }
  const problem = await ensureGateway(chosen.build ? 'build' : 'as it is');
  if (problem !== null) throw new Error(problem);
  console.log(profileText(await runProfile(provider, load), chosen.top));
}
