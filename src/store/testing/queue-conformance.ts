import { expect, it } from 'vitest';
import type { Job, JobProgress } from '../../spec/queue.ts';
import type { NewJob, QueueStore } from '../store.ts';

/** The cases that every queue passes. */
export function describeQueue(queue: () => QueueStore): void {
  it('gives back a job as it was added', async () => {
    const job = newJob('a', {
      api: 'messages',
      orderKey: 'conversation ☂',
      webhookUrl: 'https://example.com/?a=1',
      metadata: { a: [1, 'ü', null], b: { c: true } },
      headers: [['anthropic-beta', 'x']],
    });
    expect(await queue().add(job, 10)).toBe(true);
    const { body: _body, ...order } = job;
    const stored: Job = {
      ...order,
      state: { status: 'queued', dueAtMs: 1_000 },
      attempts: 0,
      expiresAtMs: 1_000 + job.ttlMs,
      lastError: null,
      delivery: null,
      fence: 0,
    };
    expect(await queue().get('a')).toEqual({ job: stored, answer: null });
    expect(await queue().get("' OR 1=1 --")).toBeNull();
    const leased = await queue().lease(1_000, 5_000);
    expect(leased).toEqual({
      job: { ...stored, state: { status: 'running', leaseUntilMs: 5_000 }, attempts: 1, fence: 1 },
      body: job.body,
    });
  });

  it('refuses a second job of the same id', async () => {
    await queue().add(newJob('a'), 10);
    await expect(queue().add(newJob('a'), 10)).rejects.toMatchObject({ kind: 'conflict' });
  });

  it('takes no more than may wait and run, and takes again when one has ended', async () => {
    expect(await queue().add(newJob('a'), 2)).toBe(true);
    expect(await queue().add(newJob('b'), 2)).toBe(true);
    await queue().lease(1_000, 2_000);
    expect(await queue().add(newJob('c'), 2)).toBe(false);
    expect(await queue().get('c')).toBeNull();
    expect(await queue().unfinished()).toEqual({ queued: 1, running: 1 });
    await queue().settle({ jobId: 'a', fence: 1 }, answered(), ANSWER);
    expect(await queue().add(newJob('c'), 2)).toBe(true);
  });

  it('leases what is due, the longest due first, each job once', async () => {
    await queue().add(newJob('late', { createdAtMs: 3_000 }), 10);
    await queue().add(newJob('b', { createdAtMs: 2_000 }), 10);
    await queue().add(newJob('a', { createdAtMs: 1_000 }), 10);
    const ids = [];
    for (let turn = 0; turn < 3; turn += 1) ids.push((await queue().lease(2_500, 9_000))?.job.jobId);
    expect(ids).toEqual(['a', 'b', undefined]);
    expect(await queue().nextDueMs(2_500)).toBe(3_000);
    expect(await queue().nextDueMs(3_000)).toBeNull();
  });

  it('lets only the last lease write, and only once', async () => {
    await queue().add(newJob('a'), 10);
    const first = await queue().lease(1_000, 2_000);
    expect(await queue().reclaim(1_999, 1_999)).toBe(0);
    expect(await queue().reclaim(2_000, 2_000)).toBe(1);
    // Nobody has it yet, so the first may still go on.
    expect(await queue().renew(hold(first?.job), 3_000)).toBe(true);
    expect(await queue().lease(2_500, 9_000)).toBeNull();
    await queue().reclaim(Infinity, 3_000);
    const second = await queue().lease(3_000, 4_000);
    expect(second?.job).toMatchObject({ attempts: 2, fence: 2 });
    expect(await queue().renew(hold(first?.job), 9_000)).toBe(false);
    expect(await queue().settle(hold(first?.job), answered(), { ...ANSWER, body: 'first' })).toBe(false);
    expect(await queue().settle(hold(second?.job), answered(), ANSWER)).toBe(true);
    expect(await queue().settle(hold(second?.job), answered(), { ...ANSWER, body: 'again' })).toBe(false);
    expect(await queue().renew(hold(second?.job), 9_000)).toBe(false);
    expect(await queue().get('a')).toMatchObject({
      job: { state: { status: 'answered', finishedAtMs: 5_000 } },
      answer: ANSWER,
    });
  });

  it('keeps everything that a progress says', async () => {
    await queue().add(newJob('a'), 10);
    const leased = await queue().lease(1_000, 2_000);
    const waits: JobProgress = {
      state: { status: 'queued', dueAtMs: 8_000 },
      attempts: 1,
      expiresAtMs: 77_000,
      lastError: { status: 503, message: 'm' },
      delivery: null,
    };
    await queue().settle(hold(leased?.job), waits, null);
    expect((await queue().get('a'))?.job).toMatchObject(waits);
    const again = await queue().lease(8_000, 9_000);
    const gone: JobProgress = {
      ...waits,
      state: { status: 'dead', finishedAtMs: 8_500, reason: { code: 'attempts', message: 'Too often.' } },
      attempts: 2,
      delivery: { status: 'undelivered', attempts: 3, atMs: 9_000, message: 'gone' },
    };
    await queue().settle(hold(again?.job), gone, null);
    expect((await queue().get('a'))?.job).toMatchObject(gone);
  });

  it('runs jobs of one key and order key one after the other', async () => {
    await queue().add(newJob('a1', { orderKey: 'a' }), 10);
    await queue().add(newJob('a2', { orderKey: 'a' }), 10);
    await queue().add(newJob('other', { orderKey: 'a', keyId: 'key-2' }), 10);
    await queue().add(newJob('free'), 10);
    const first = await queue().lease(1_000, 2_000);
    expect(first?.job.jobId).toBe('a1');
    expect((await queue().lease(1_000, 2_000))?.job.jobId).toBe('other');
    expect((await queue().lease(1_000, 2_000))?.job.jobId).toBe('free');
    expect(await queue().lease(1_000, 2_000)).toBeNull();
    // The first waits for its next run: the second still waits behind it.
    const { job } = first ?? { job: null };
    const waits = { ...progressOf(job), state: { status: 'queued', dueAtMs: 9_000 } as const };
    await queue().settle(hold(job ?? undefined), waits, null);
    expect(await queue().lease(5_000, 6_000)).toBeNull();
    expect((await queue().lease(9_000, 9_500))?.job.jobId).toBe('a1');
    await queue().settle({ jobId: 'a1', fence: 2 }, answered(), ANSWER);
    expect((await queue().lease(9_000, 9_500))?.job.jobId).toBe('a2');
  });

  it('gives a job whose time is over also from behind another', async () => {
    await queue().add(newJob('a1', { orderKey: 'a' }), 10);
    await queue().add(newJob('a2', { orderKey: 'a', ttlMs: 500 }), 10);
    await queue().lease(1_000, 60_000);
    expect(await queue().lease(1_499, 60_000)).toBeNull();
    expect((await queue().lease(1_500, 60_000))?.job.jobId).toBe('a2');
  });

  it('cancels what waits and nothing else', async () => {
    await queue().add(newJob('a'), 10);
    await queue().add(newJob('b'), 10);
    await queue().lease(1_000, 2_000);
    expect(await queue().cancel('b')).toBe('cancelled');
    expect(await queue().cancel('b')).toBe('unknown');
    expect(await queue().cancel('a')).toBe('running');
    await queue().settle({ jobId: 'a', fence: 1 }, answered(), ANSWER);
    expect(await queue().cancel('a')).toBe('finished');
    await queue().withdraw('a');
    expect(await queue().get('a')).toBeNull();
    await queue().withdraw('a');
  });

  it('gives a dead job a new life once', async () => {
    await queue().add(newJob('a'), 10);
    await queue().lease(1_000, 2_000);
    const life: JobProgress = { ...answered(), state: { status: 'queued', dueAtMs: 6_000 }, attempts: 0 };
    expect(await queue().revive({ jobId: 'a', fence: 1 }, life)).toBe(false);
    const reason = { code: 'expired', message: 'm' } as const;
    await queue().settle(
      { jobId: 'a', fence: 1 },
      { ...answered(), state: { status: 'dead', finishedAtMs: 5_000, reason } },
      null,
    );
    expect(await queue().revive({ jobId: 'a', fence: 0 }, life)).toBe(false);
    expect(await queue().revive({ jobId: 'a', fence: 1 }, life)).toBe(true);
    expect((await queue().get('a'))?.job).toMatchObject({ ...life, fence: 2 });
    expect(await queue().revive({ jobId: 'a', fence: 2 }, life)).toBe(false);
  });

  it('hands a delivery to one courier at a time', async () => {
    await finished('a', 5_000);
    const first = await queue().leaseDelivery(5_000, 6_000);
    expect(first).toMatchObject({
      job: { jobId: 'a', delivery: { status: 'sending', attempts: 1, leaseUntilMs: 6_000 } },
      answer: ANSWER,
    });
    expect(await queue().leaseDelivery(5_999, 7_000)).toBeNull();
    expect(await queue().nextDueMs(5_500)).toBe(6_000);
    const second = await queue().leaseDelivery(6_000, 7_000);
    expect(second?.job.delivery).toMatchObject({ attempts: 2 });
    await queue().reclaim(Infinity, 6_050);
    expect((await queue().get('a'))?.job.delivery).toEqual({
      status: 'waiting',
      attempts: 2,
      dueAtMs: 6_050,
    });
    const delivered = { status: 'delivered', attempts: 2, atMs: 6_100 } as const;
    expect(await queue().settleDelivery(hold(first?.job), delivered)).toBe(false);
    expect(await queue().settleDelivery(hold(second?.job), delivered)).toBe(true);
    expect(await queue().settleDelivery(hold(second?.job), delivered)).toBe(false);
    expect((await queue().get('a'))?.job.delivery).toEqual(delivered);
  });

  it('prunes finished jobs in batches, but none that waits, runs or owes its news', async () => {
    await finished('owes', 5_000);
    for (const id of ['a', 'b', 'c']) {
      await queue().add(newJob(id), 10);
      const leased = await queue().lease(1_000, 2_000);
      await queue().settle(hold(leased?.job), answered(), ANSWER);
    }
    await queue().add(newJob('waits'), 10);
    expect(await queue().prune(5_000, 2)).toBe(0);
    expect(await queue().prune(5_001, 2)).toBe(2);
    expect(await queue().prune(5_001, 2)).toBe(1);
    expect(await queue().prune(5_001, 2)).toBe(0);
    expect(await ids()).toEqual(['waits', 'owes']);
  });

  it('lists by key and status, newest first, a page at a time', async () => {
    for (let index = 0; index < 7; index += 1) {
      await queue().add(newJob(`j${index}`, { keyId: index % 2 === 0 ? 'even' : 'odd' }), 10);
    }
    await queue().lease(1_000, 2_000);
    const query = { keyId: 'even', status: null, cursor: null, limit: 3 };
    const page = await queue().list(query);
    expect(page.jobs.map(({ jobId }) => jobId)).toEqual(['j6', 'j4', 'j2']);
    const rest = await queue().list({ ...query, cursor: page.nextCursor });
    expect(rest.jobs.map(({ jobId }) => jobId)).toEqual(['j0']);
    expect(rest.nextCursor).toBeNull();
    const running = await queue().list({ ...query, keyId: null, status: 'running' });
    expect(running.jobs.map(({ jobId }) => jobId)).toEqual(['j0']);
    for (const cursor of ['', '-1', "1' OR 1=1"]) {
      await expect(queue().list({ ...query, cursor })).rejects.toMatchObject({ kind: 'bad-cursor' });
    }
  });

  async function finished(jobId: string, atMs: number): Promise<void> {
    await queue().add(newJob(jobId, { webhookUrl: 'https://example.com' }), 10);
    const leased = await queue().lease(1_000, 2_000);
    const delivery = { status: 'waiting', attempts: 0, dueAtMs: atMs } as const;
    await queue().settle(hold(leased?.job), { ...answered(), delivery }, ANSWER);
  }

  async function ids(): Promise<readonly string[]> {
    const page = await queue().list({ keyId: null, status: null, cursor: null, limit: 100 });
    return page.jobs.map(({ jobId }) => jobId);
  }
}

const ANSWER = { status: 200, contentType: 'application/json', body: '{"text":"Grüße ☂ \\u0000"}' };

function answered(): JobProgress {
  return {
    state: { status: 'answered', finishedAtMs: 5_000 },
    attempts: 1,
    expiresAtMs: 90_000,
    lastError: null,
    delivery: null,
  };
}

function progressOf(job: Job | null): JobProgress {
  expect(job).not.toBeNull();
  return { ...answered(), attempts: job?.attempts ?? 0 };
}

function hold(job: Job | undefined): { readonly jobId: string; readonly fence: number } {
  return { jobId: job?.jobId ?? '', fence: job?.fence ?? -1 };
}

function newJob(jobId: string, changes: Partial<NewJob> = {}): NewJob {
  return {
    jobId,
    keyId: 'key-1',
    api: 'chat',
    model: 'gpt-4.1',
    orderKey: null,
    webhookUrl: null,
    metadata: {},
    headers: [],
    createdAtMs: 1_000,
    ttlMs: 86_400_000,
    body: '{"messages":[{"content":"Grüße ☂"}]}',
    ...changes,
  };
}
