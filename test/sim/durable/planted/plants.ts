import type { Plant } from '../../planted/plants.ts';

/** Bugs of the queue and of the kept answers, in the form of those of the gateway. */
export const DURABLE_PLANTS: readonly Plant[] = [
  {
    name: 'takes nothing back that a process had under way when it died',
    file: 'queue/worker.ts',
    find: 'const reclaimed = await store.reclaim(this.#takesAllBack ? Infinity : nowMs, nowMs);',
    replace: 'const reclaimed = await Promise.resolve(0);',
    caughtBy: ['D1'],
  },
  {
    name: 'runs what its client was told is not queued',
    file: 'queue/worker.ts',
    find: 'if (!(await this.#options.mayRun(job.jobId))) return;',
    replace: '',
    caughtBy: ['D1.refused'],
  },
  {
    name: 'works for every repetition that comes while the first is under way',
    file: 'idempotency/answers.ts',
    find: 'this.#running.set(id, { fingerprint, recording });',
    replace: '',
    caughtBy: ['D2.once'],
  },
  {
    name: 'gives a stored answer to whatever is asked with its key',
    file: 'idempotency/answers.ts',
    find: `  if (fingerprint !== asked) return MISMATCH;
  if (answer === null)`,
    replace: `  if (answer === null)`,
    caughtBy: ['D2'],
  },
  {
    name: 'keeps nothing for the next process',
    file: 'idempotency/answer-writer.ts',
    find: 'await store.put(this.#unwritten);',
    replace: '',
    caughtBy: ['E4.answers', 'D2.kept'],
  },
  {
    name: 'takes news for delivered that nobody got',
    file: 'queue/delivery.ts',
    find: 'if (problem === null) return',
    replace: 'if (problem === null || made.attempts > 2) return',
    caughtBy: ['D3.webhook'],
  },
  {
    name: 'writes with a lease that it lost',
    file: 'store/memory/queue-store.ts',
    find: 'return job?.fence === fence && isUnfinished(job) ? job : null;',
    replace: 'return job !== undefined && fence > 0 && isUnfinished(job) ? job : null;',
    caughtBy: ['D7'],
  },
  {
    name: 'lets a conversation go on before its last part has its result',
    file: 'store/memory/queue-store.ts',
    find: `        isUnfinished(other.job),
    );`,
    replace: `        other.job.state.status === 'running',
    );`,
    caughtBy: ['D4'],
  },
  {
    name: 'begins what is too late',
    file: 'queue/job.ts',
    find: 'if (atMs >= job.expiresAtMs) return dead(job, unrun, atMs, expired(unrun));',
    replace: '',
    caughtBy: ['D5'],
  },
  {
    name: 'runs a job for ever that takes its process down',
    file: 'queue/job.ts',
    find: 'if (job.attempts > attemptsMax) return dead(job, unrun, atMs, tooOften(unrun));',
    replace: '',
    caughtBy: ['D6'],
  },
  {
    name: 'gives nothing back at the end of the grace',
    file: 'queue/worker.ts',
    find: 'for (const held of this.#held) held.run?.abandon();',
    replace: '',
    caughtBy: ['E1'],
  },
  {
    name: 'renews the lease of what waits again',
    file: 'queue/worker.ts',
    find: `await heart.stop();
    await this.#settle(job, progress, outcome.type === 'answered' ? outcome.answer : null);`,
    replace: `await this.#settle(job, progress, outcome.type === 'answered' ? outcome.answer : null);
    await heart.stop();`,
    caughtBy: ['E4'],
  },
  {
    name: 'announces no end whose writing was in doubt',
    file: 'queue/worker.ts',
    find: 'if (settled || (failures > 0 && (await this.#isSettled(job, progress)))) this',
    replace: 'if (settled) this',
    caughtBy: ['D3.event'],
  },
];
