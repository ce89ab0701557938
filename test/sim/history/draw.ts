import type { Random } from '../../../src/spec/ports.ts';
import { seededRandom } from '../../../src/testing.ts';
import { PROMPTS, VARIANTS } from '../quick/texts.ts';
import { WIRES } from '../quick/wires.ts';
import { pick } from '../workload.ts';
import { drawFault, FAULT_CLASSES, type FaultClass } from './draw-fault.ts';
import type {
  HistoryScript,
  ReloadChange,
  ScriptAct,
  ScriptFailover,
  ScriptFault,
  ScriptModel,
  ScriptProvider,
  ScriptRequest,
} from './script.ts';

/** Requests of a drawn history, without those of its calm end. */
export const REQUESTS = 40;
const CALM_REQUESTS = 10;

const POLICIES = ['resume', 'resume', 'resume', 'restart-only-if-nothing-sent', 'error'] as const;

/** Draws a history. Swarm testing: each seed has its own few kinds of fault, its own shape of routes and its own clients. */
export function drawHistory(seed: number): HistoryScript {
  const random = seededRandom(seed * 7_919 + 17);
  const providers = drawProviders(random);
  const models = drawModels(random, providers.length);
  const everyMs = pick(random, [20, 120, 120, 600, 2_000]);
  const requests = drawRequests(random, { everyMs, models, providers: providers.length });
  const lengthMs = (requests.at(-1)?.atMs ?? 0) + 2_000;
  return {
    seed,
    providers,
    models,
    failover: drawFailover(random),
    faults: drawFaults(random, providers, lengthMs),
    requests,
    acts: drawActs(random, providers.length, lengthMs),
    calm: random.next() < 0.3 ? { requests: CALM_REQUESTS, everyMs: 1_500 } : null,
  };
}

function chance(random: Random, probability: number): boolean {
  return random.next() < probability;
}

function whole(random: Random, from: number, to: number): number {
  return from + Math.floor(random.next() * (to - from + 1));
}

function drawProviders(random: Random): readonly ScriptProvider[] {
  const alike = chance(random, 0.7);
  return Array.from({ length: pick(random, [1, 2, 2, 3, 3, 4, 5]) }, () => ({
    wire: pick(random, WIRES),
    keys: pick(random, [1, 1, 1, 2, 3]),
    variant: alike ? 0 : whole(random, 0, VARIANTS - 1),
    headMs: pick(random, [1, 20, 20, 150, 700]),
    gapMs: pick(random, [0, 0, 0, 7, 60]),
    pieceChars: pick(random, [1, 4, 9, 9, 40]),
    prefill: chance(random, 0.6),
  }));
}

function drawModels(random: Random, providers: number): readonly ScriptModel[] {
  const all = Array.from({ length: providers }, (_, position) => position);
  const common = {
    resume: pick(random, POLICIES),
    spareShare: pick(random, [0, 0, 0.01, 0.2]),
    hedgeAfterMs: chance(random, 0.2) ? pick(random, [50, 400]) : null,
  };
  const strategy = chance(random, 0.3) ? 'weighted' : 'ordered';
  const shape = pick(random, ['list', 'list', 'fallback', 'single'] as const);
  if (shape === 'list' || providers === 1)
    return [{ ...common, name: 'm', strategy, targets: all, fallbacks: [] }];
  if (shape === 'single')
    return [
      { ...common, name: 'm', strategy, targets: [0], fallbacks: [] },
      { ...common, name: 'n', strategy, targets: all.slice(1), fallbacks: ['m'] },
    ];
  const half = Math.max(1, Math.floor(providers / 2));
  return [
    { ...common, name: 'm', strategy, targets: all.slice(0, half), fallbacks: ['n'] },
    { ...common, name: 'n', strategy: 'ordered', targets: all.slice(half), fallbacks: [] },
  ];
}

function drawFailover(random: Random): ScriptFailover {
  const quick = chance(random, 0.6);
  return {
    consecutiveFailures: pick(random, [2, 5, 5]),
    openMs: quick ? 800 : 5_000,
    openMaxMs: quick ? 6_000 : 120_000,
    closeAfterSuccesses: pick(random, [1, 3]),
    rampMs: quick ? 3_000 : 30_000,
    retryShare: pick(random, [0, 0.2, 0.2]),
    retryMinimum: pick(random, [0, 3, 3, 10]),
    probeEveryMs: chance(random, 0.2) ? 5_000 : null,
    concurrencyMin: chance(random, 0.15) ? 4 : null,
  };
}

interface Traffic {
  readonly everyMs: number;
  readonly models: readonly ScriptModel[];
  readonly providers: number;
}

function drawRequests(random: Random, traffic: Traffic): readonly ScriptRequest[] {
  const leaving = chance(random, 0.4) ? 0.15 : 0;
  const blocking = chance(random, 0.3) ? 0.15 : 0;
  const bad = chance(random, 0.3) ? 0.2 : 0;
  const streaming = pick(random, [0.5, 0.8, 1]);
  let atMs = 0;
  return Array.from({ length: REQUESTS }, (_, id): ScriptRequest => {
    atMs += Math.floor(random.next() * 2 * traffic.everyMs);
    const direct = chance(random, 0.03);
    return {
      id,
      atMs,
      surface: pick(random, ['chat', 'messages']),
      model: direct
        ? `p${whole(random, 0, traffic.providers - 1)}/x`
        : pick(random, ['m', 'm', traffic.models.at(-1)?.name ?? 'm']),
      stream: chance(random, streaming),
      prompt: whole(random, 0, PROMPTS - 1),
      limited: chance(random, 0.05),
      fallbackOff: chance(random, 0.03),
      resume: chance(random, 0.05) ? pick(random, POLICIES) : null,
      bad: chance(random, bad),
      timeoutMs: chance(random, 0.05) ? pick(random, [500, 7_000]) : null,
      leaveAfterMs: chance(random, leaving) ? whole(random, 0, 1_500) : null,
      block: chance(random, blocking)
        ? { afterMs: whole(random, 0, 800), forMs: pick(random, [100, 2_000, 8_000]) }
        : null,
    };
  });
}

function drawFaults(
  random: Random,
  providers: readonly ScriptProvider[],
  lengthMs: number,
): readonly ScriptFault[] {
  const classes = FAULT_CLASSES.filter(() => chance(random, 0.25));
  if (classes.length === 0) return [];
  const faults: ScriptFault[] = [];
  providers.forEach(({ keys }, provider) => {
    if (chance(random, 0.35)) return;
    const count = whole(random, 1, 3);
    for (let index = 0; index < count; index += 1)
      faults.push(drawPeriod(random, classes, { provider, keys, lengthMs }));
  });
  return faults;
}

function drawPeriod(
  random: Random,
  classes: readonly FaultClass[],
  { provider, keys, lengthMs }: { provider: number; keys: number; lengthMs: number },
): ScriptFault {
  const fromMs = Math.floor(random.next() * lengthMs * 0.7);
  return {
    provider,
    key: keys > 1 && chance(random, 0.5) ? whole(random, 0, keys - 1) : null,
    fromMs,
    untilMs: fromMs + Math.floor(lengthMs * pick(random, [0.05, 0.3, 1])),
    share: pick(random, [0.2, 0.6, 1, 1]),
    fault: drawFault(random, pick(random, classes)),
  };
}

function drawActs(random: Random, providers: number, lengthMs: number): readonly ScriptAct[] {
  const acts: ScriptAct[] = [];
  const at = (): number => Math.floor(random.next() * lengthMs);
  if (chance(random, 0.25))
    for (let index = whole(random, 1, 4); index > 0; index -= 1)
      acts.push({ type: 'reload', atMs: at(), change: drawChange(random, providers) });
  if (chance(random, 0.1)) acts.push({ type: 'bad-reload', atMs: at() });
  if (chance(random, 0.25))
    for (let index = whole(random, 1, 4); index > 0; index -= 1)
      acts.push({ type: 'wall', atMs: at(), byMs: pick(random, [-3_600_000, -500, 2_000, 86_400_000]) });
  return acts.toSorted((a, b) => a.atMs - b.atMs);
}

function drawChange(random: Random, providers: number): ReloadChange {
  const provider = whole(random, 0, providers - 1);
  return pick(random, [
    { type: 'nothing' },
    { type: 'remove-key', provider },
    { type: 'remove-target', provider },
    { type: 'reverse' },
  ]);
}
