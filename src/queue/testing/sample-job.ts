import type { Job } from '../../spec/queue.ts';

/** A job that runs; override what a test is about. */
export function sampleJob(changes: Partial<Job> = {}): Job {
  const createdAtMs = 1_800_000_000_000;
  return {
    jobId: 'job_1',
    keyId: 'key-1',
    api: 'chat',
    model: 'gpt-4.1',
    orderKey: null,
    webhookUrl: null,
    metadata: {},
    headers: [],
    createdAtMs,
    ttlMs: 86_400_000,
    state: { status: 'running', leaseUntilMs: createdAtMs + 60_000 },
    attempts: 1,
    expiresAtMs: createdAtMs + 86_400_000,
    lastError: null,
    delivery: null,
    fence: 1,
    ...changes,
  };
}
