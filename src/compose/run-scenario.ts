import { brandText } from '../base/brand.ts';
import { textToBytes, type Bytes } from '../base/bytes.ts';
import { countPrompt, judgeCount, type SeenAnswer } from '../drill/seen-answer.ts';
import { scenarioReport, type ScenarioReport } from '../drill/scenario-report.ts';
import { CHAT_COMPLETIONS } from '../server/inference/surfaces.ts';
import type { AddedLatency, Drill } from '../spec/drill.ts';
import type { Random } from '../spec/ports.ts';
import type { KeyDirectoryView } from '../store/store.ts';
import { RecordingSink } from '../testing/recording-sink.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { virtualRuntime } from '../testing/virtual-runtime.ts';
import type { VirtualClock } from '../testing/virtual-clock.ts';
import { composeGateway, type ComposedGateway } from './compose-gateway.ts';
import type { Scenario } from './load-scenario.ts';

/** Longest virtual time that requests may take behind the last step. */
const PATIENCE_MS = 3_600_000;

/** How far a run is. */
export interface ScenarioProgress {
  /** Virtual time since the start, and of the whole run. */
  readonly atMs: number;
  readonly ofMs: number;
  readonly requests: number;
  readonly lost: number;
}

/**
 * Runs a scenario: the real gateway on virtual time, in front of simulated providers, under the load that the file says.
 * Every answer is judged by what its client holds. The same file and seed give the same report.
 */
export async function runScenario(
  { file, config }: Scenario,
  onProgress: (progress: ScenarioProgress) => void = () => undefined,
): Promise<ScenarioReport> {
  const { runtime, clock } = virtualRuntime({ seed: file.seed });
  const composed = await composeGateway({ config, runtime, keys: EVERYBODY });
  const startMs = clock.nowMs();
  let calls = 0;
  composed.bus.subscribe('scenario', () => void (calls += 1), { types: ['attempt-finished'] });
  const load = new Load(composed, clock, {
    random: seededRandom(file.seed + LOAD_SEED),
    perSecond: file.load.requests_per_second,
    untilMs: startMs + file.load.for,
    streamShare: file.load.stream_share,
    countTo: file.load.count_to,
    models: file.load.models ?? [...config.models.keys()],
  });
  load.begin();
  const tell = (): void => {
    onProgress({ atMs: clock.nowMs() - startMs, ofMs: file.load.for, requests: load.sent, lost: load.lost });
  };
  const until = async (atMs: number): Promise<void> => {
    while (clock.nowMs() < atMs) {
      await clock.advance(Math.min(atMs - clock.nowMs(), file.load.for / 100));
      tell();
    }
  };
  const ids: string[] = [];
  for (const { at, provider, fault, share, for: forMs } of file.steps.toSorted((a, b) => a.at - b.at)) {
    await until(startMs + at);
    const order = { provider, fault, share, seconds: forMs / 1000, startedBy: file.name };
    const start = await composed.drills.start(order);
    if (start.type === 'refused') throw new Error(`steps: ${start.message}`);
    ids.push(start.drill.id);
  }
  await until(startMs + file.load.for);
  await clock.runUntil(() => load.underWay === 0, PATIENCE_MS);
  composed.drills.endAll('closed');
  const drills = await drillsOf(composed, ids);
  const { counts, sent } = load;
  return scenarioReport(
    {
      name: file.name,
      about: file.about,
      seed: file.seed,
      virtualMs: clock.nowMs() - startMs,
      requests: sent,
      answered: counts.answered,
      failed: counts.failed + load.underWay,
      wrong: counts.wrong,
      addedMs: worst(drills.flatMap(({ report }) => (report.addedMs === null ? [] : [report.addedMs]))),
      callsPerRequest: sent === 0 ? 1 : Math.round((calls / sent) * 10_000) / 10_000,
      resumed: drills.reduce((sum, { report }) => sum + report.resumed, 0),
      drills,
    },
    file,
  );
}

/** Keeps the dice of the load apart from those of the gateway. */
const LOAD_SEED = 7_919;

const CALLER = {
  keyId: 'key_scenario',
  name: 'scenario',
  role: 'inference',
  models: null,
  directTargets: false,
  tags: [],
} as const;

const EVERYBODY: KeyDirectoryView = { identify: () => ({ type: 'caller', caller: CALLER }) };

async function drillsOf({ drills }: ComposedGateway, ids: readonly string[]): Promise<readonly Drill[]> {
  const found = await Promise.all(ids.map((id) => drills.get(id)));
  return found.filter((drill) => drill !== null);
}

function worst(all: readonly AddedLatency[]): AddedLatency | null {
  if (all.length === 0) return null;
  const most = (of: (each: AddedLatency) => number): number => Math.max(...all.map(of));
  return { p50: most(({ p50 }) => p50), p99: most(({ p99 }) => p99), max: most(({ max }) => max) };
}

interface LoadSettings {
  readonly random: Random;
  readonly perSecond: number;
  readonly untilMs: number;
  readonly streamShare: number;
  readonly countTo: readonly [least: number, most: number];
  readonly models: readonly string[];
}

/** Clients that come by chance, ask, and judge what they get. */
class Load {
  readonly #composed: ComposedGateway;
  readonly #clock: VirtualClock;
  readonly #settings: LoadSettings;
  readonly counts: { [seen in SeenAnswer]: number } = { answered: 0, failed: 0, wrong: 0 };
  sent = 0;
  underWay = 0;

  constructor(composed: ComposedGateway, clock: VirtualClock, settings: LoadSettings) {
    this.#composed = composed;
    this.#clock = clock;
    this.#settings = settings;
  }

  get lost(): number {
    return this.counts.failed + this.counts.wrong;
  }

  // Arrivals of a Poisson process: the times between them are exponential.
  begin(): void {
    const { random, perSecond, untilMs } = this.#settings;
    const waitMs = (-Math.log(1 - random.next()) / perSecond) * 1000;
    if (this.#clock.nowMs() + waitMs > untilMs) return;
    this.#clock.after(waitMs, () => {
      void this.#ask();
      this.begin();
    });
  }

  async #ask(): Promise<void> {
    const { random, streamShare, countTo, models } = this.#settings;
    const [least, most] = countTo;
    const to = least + Math.floor(random.next() * (most - least + 1));
    const stream = random.next() < streamShare;
    const model = models[this.sent % models.length] ?? '';
    const messages = [{ role: 'user', content: countPrompt(to) }];
    const sink = new RecordingSink();
    this.sent += 1;
    this.underWay += 1;
    await this.#composed.gateway.serve({
      surface: CHAT_COMPLETIONS,
      path: {},
      body: textToBytes(JSON.stringify({ model, stream, messages })),
      client: { header: () => undefined },
      sink,
    });
    this.underWay -= 1;
    const { status, body, ending } = sink;
    const seen = judgeCount(to, { status, body: brandText<Bytes>(body), ended: ending === 'whole', stream });
    this.counts[seen] += 1;
  }
}
