import type { Random } from '../../../src/spec/ports.ts';
import { seededRandom } from '../../../src/testing/seeded-random.ts';
import { pick } from '../workload.ts';
import type {
  DurableScript,
  ScriptAsked,
  ScriptEnd,
  ScriptJob,
  ScriptRun,
  ScriptStoreFault,
} from './script.ts';

/** Jobs and requests of a drawn history. */
export const LIFETIMES = 32;
const JOBS = 16;

/** Draws a history: each seed has its own few kinds of fault, its own ends of processes and its own clients. */
export function drawDurable(seed: number): DurableScript {
  const random = seededRandom(seed * 6_151 + 29);
  const lengthMs = pick(random, [5_000, 20_000, 20_000, 60_000]);
  const leaseMs = pick(random, [3_000, 10_000, 60_000]);
  return {
    seed,
    queue: {
      concurrency: pick(random, [1, 2, 4]),
      attemptsMax: pick(random, [2, 3, 5]),
      leaseMs,
      retryBaseMs: pick(random, [10, 500, 2_000]),
      retryMaxMs: 10_000,
      webhookGiveUpMs: pick(random, [60_000, 3_600_000]),
    },
    disk: { loses: pick(random, ['tail', 'rows'] as const), latencyMs: pick(random, [0, 2, 20, 80]) },
    jobs: drawJobs(random, lengthMs),
    requests: drawRequests(random, lengthMs),
    storeFaults: drawStoreFaults(random, lengthMs),
    hooks: { refuses: pick(random, [0, 0.3, 0.9]), unheard: pick(random, [0, 0.2]) },
    acts: drawEnds(random, lengthMs),
    secondAtMs: chance(random, 0.3) ? whole(random, 0, lengthMs / 2) : null,
  };
}

function chance(random: Random, probability: number): boolean {
  return random.next() < probability;
}

function whole(random: Random, from: number, to: number): number {
  return from + Math.floor(random.next() * (to - from + 1));
}

function drawJobs(random: Random, lengthMs: number): readonly ScriptJob[] {
  const poison = chance(random, 0.3);
  const slow = chance(random, 0.3);
  const times = Array.from({ length: JOBS }, () => whole(random, 0, lengthMs)).toSorted((a, b) => a - b);
  return times.map((atMs) => ({
    atMs,
    orderKey: pick(random, [null, null, 'a', 'a', 'b']),
    webhook: chance(random, 0.5),
    ttlMs: pick(random, [86_400_000, 86_400_000, 20_000, 3_000, 1]),
    runs: poison && chance(random, 0.1) ? [DIES] : drawRuns(random, slow),
    cancelAfterMs: chance(random, 0.1) ? whole(random, 0, 3_000) : null,
  }));
}

const DIES: ScriptRun = { type: 'dies', afterMs: 5 };

function drawRuns(random: Random, slow: boolean): readonly ScriptRun[] {
  const runs: ScriptRun[] = [];
  while (chance(random, 0.3))
    runs.push({ type: pick(random, ['fails', 'fails', 'dies']), afterMs: whole(random, 1, 500) });
  const type = pick(random, [
    'answers',
    'answers',
    'answers',
    'answers',
    'fails',
    'refused',
    'barred',
  ] as const);
  return [...runs, { type, afterMs: slow ? whole(random, 1, 20_000) : whole(random, 1, 900) }];
}

function drawRequests(random: Random, lengthMs: number): readonly ScriptAsked[] {
  const keys = Array.from({ length: pick(random, [1, 2, 4]) }, (_, index) => `key-${index}`);
  const gapMs = pick(random, [0, 30, 300]);
  return Array.from({ length: LIFETIMES - JOBS }, () => ({
    atMs: whole(random, 0, lengthMs),
    key: pick(random, keys),
    body: chance(random, 0.15) ? 1 : 0,
    leavesAfterMs: chance(random, 0.2) ? whole(random, 0, 1_000) : null,
    background: chance(random, 0.2),
    serve: {
      type: pick(random, ['answers', 'answers', 'streams', 'streams', 'breaks', 'fails', 'invalid'] as const),
      headMs: pick(random, [1, 100, 2_000]),
      pieces: whole(random, 1, 6),
      gapMs,
    },
  })).toSorted((a, b) => a.atMs - b.atMs);
}

function drawStoreFaults(random: Random, lengthMs: number): readonly ScriptStoreFault[] {
  const kinds = (['fails', 'doubt', 'slow'] as const).filter(() => chance(random, 0.35));
  return kinds.flatMap((type) =>
    (['queue', 'answers'] as const)
      .filter(() => chance(random, 0.6))
      .map((part) => {
        const fromMs = whole(random, 0, lengthMs);
        const untilMs = fromMs + pick(random, [1_000, 10_000, 40_000]);
        return { type, part, share: pick(random, [0.05, 0.3, 1]), fromMs, untilMs };
      }),
  );
}

function drawEnds(random: Random, lengthMs: number): readonly ScriptEnd[] {
  return Array.from({ length: pick(random, [0, 1, 2, 3, 5]) }, (): ScriptEnd => {
    const atMs = whole(random, 1, lengthMs + 3_000);
    const downMs = pick(random, [0, 100, 2_000]);
    const type = pick(random, ['kill', 'power', 'power', 'drain'] as const);
    return type === 'drain'
      ? { type, atMs, downMs, graceMs: pick(random, [0, 300, 5_000]) }
      : { type, atMs, downMs };
  }).toSorted((a, b) => a.atMs - b.atMs);
}
