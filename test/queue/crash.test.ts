import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createClock } from '../../src/node/clock.ts';
import type { StoredJob } from '../../src/store/store.ts';
import { openSqliteStores } from '../../src/store/sql/sqlite-stores.ts';
import { temporaryFolders } from '../../src/store/testing/temporary-folder.ts';
import { seededRandom } from '../../src/testing/seeded-random.ts';
import { playSession, sendingOf, toldIn } from './crash/session.ts';

const CHILD = new URL('crash/child.ts', import.meta.url).pathname;
const MARKERS = ['flaky', 'order-1', 'order-2'];
/** Two processors: two processes at a time. */
const PARALLEL = 2;
/** More than a session has; it ends where a process comes to its end. */
const POINTS_MAX = 400;
const POINTS_MIN = 60;
const RANDOM_KILLS = 8;

const newFolder = temporaryFolders();
// What was compiled once need not be compiled again for each of a hundred processes.
const cache = newFolder();

function start(folder: string, killAt: string, markers: readonly string[]): ChildProcess {
  return spawn(process.execPath, [CHILD, folder, killAt, ...markers], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
  });
}

// Whether it was killed.
async function ended(child: ChildProcess): Promise<boolean> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect([child.exitCode, child.signalCode]).toBeOneOf([
    [0, null],
    [null, 'SIGKILL'],
  ]);
  return child.signalCode === 'SIGKILL';
}

async function jobsIn(folder: string): Promise<readonly StoredJob[]> {
  const stores = openSqliteStores({ path: path.join(folder, 'queue.db'), clock: createClock() });
  const { jobs } = await stores.queue.list({ keyId: null, status: null, cursor: null, limit: 100 });
  const found = await Promise.all(jobs.map(({ jobId }) => stores.queue.get(jobId)));
  await stores.close();
  return found.filter((job) => job !== null);
}

// Starts again after a crash, lets everything come to its end, and looks at what was told before and after.
async function recover(folder: string): Promise<void> {
  await playSession({ folder, markers: [], point: () => {}, thread: false });
  const told = toldIn(folder);
  const jobs = await jobsIn(folder);
  const acked = told.filter(([what]) => what === 'acked').map(([, jobId]) => jobId);
  // Nothing that was acknowledged is lost, and nothing is left in between.
  expect(acked.filter((jobId) => !jobs.some(({ job }) => job.jobId === jobId))).toEqual([]);
  expect(jobs.map(({ job }) => job.state.status)).toEqual(jobs.map(() => 'answered'));
  // Nothing is answered twice: one result was committed, and it is the one that is kept.
  const committed = told.filter(([what]) => what === 'committed');
  expect(committed.map(([, jobId]) => jobId).toSorted()).toEqual(jobs.map(({ job }) => job.jobId).toSorted());
  const kept = new Map(jobs.map(({ job, answer }) => [job.jobId, sendingOf(answer?.body ?? '')]));
  expect(committed.map(([, jobId, sending]) => [jobId, sending])).toEqual(
    committed.map(([, jobId]) => [jobId, kept.get(jobId)]),
  );
  // One crash makes one more call at most; the flaky one fails once by itself.
  for (const marker of MARKERS) {
    const sent = told.filter(([what, id]) => what === 'sent' && id === marker).length;
    expect([marker, sent <= (marker === 'flaky' ? 3 : 2)]).toEqual([marker, true]);
  }
  // What has one order key is run in its order.
  const firstDone = told.findIndex(([what, , rest]) => what === 'committed' && rest.startsWith('order-1#'));
  const secondSent = told.findIndex(([what, id]) => what === 'sent' && id === 'order-2');
  expect(secondSent === -1 || (firstDone !== -1 && firstDone < secondSent)).toBe(true);
  // The news of what owes a webhook arrived.
  const hooked = jobs.filter(({ job }) => job.webhookUrl !== null).map(({ job }) => job.jobId);
  const delivered = new Set(told.filter(([what]) => what === 'delivered').map(([, jobId]) => jobId));
  expect([...delivered].toSorted()).toEqual(hooked.toSorted());
}

describe('a process that is killed', () => {
  it('loses no acknowledged request and answers none twice, wherever it is killed', async () => {
    let next = 1;
    let survived = 0;
    let whole = false;
    const killOneAfterTheOther = async (): Promise<void> => {
      while (!whole && next <= POINTS_MAX) {
        const killAt = next;
        next += 1;
        const folder = newFolder();
        if (!(await ended(start(folder, String(killAt), MARKERS)))) whole = true;
        await recover(folder);
        survived += 1;
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, killOneAfterTheOther));
    process.stdout.write(`queue: ${survived} crash points survived\n`);
    expect(whole).toBe(true);
    expect(survived).toBeGreaterThan(POINTS_MIN);
  }, 120_000);

  it('does so too when it is killed at any moment, in the middle of a write', async () => {
    const random = seededRandom(20_261_121);
    let killed = 0;
    for (let kill = 0; kill < RANDOM_KILLS; kill += 1) {
      const folder = newFolder();
      const child = start(folder, 'never', MARKERS);
      const timer = setTimeout(() => child.kill('SIGKILL'), 150 + random.next() * 250);
      if (await ended(child)) killed += 1;
      clearTimeout(timer);
      await recover(folder);
    }
    expect(killed).toBeGreaterThan(0);
  }, 60_000);

  it('gives a request up, with the reason, that kills every process that runs it', async () => {
    const folder = newFolder();
    let kills = 0;
    for (let turn = 0; turn < 10; turn += 1) {
      if (!(await ended(start(folder, 'send', turn === 0 ? ['poison'] : [])))) break;
      kills += 1;
    }
    const [found] = await jobsIn(folder);
    expect(found?.job.state).toMatchObject({
      status: 'dead',
      reason: { code: 'attempts', message: 'It has no answer after 4 runs.' },
    });
    expect(kills).toBe(4);
  }, 60_000);
});
