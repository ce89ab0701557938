import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { textToBytes } from '../../../src/base/bytes.ts';
import { composeGateway } from '../../../src/compose/compose-gateway.ts';
import { composeQueue } from '../../../src/compose/queue.ts';
import { loadConfig } from '../../../src/compose/load-config.ts';
import { createClock } from '../../../src/node/clock.ts';
import { createCrypto } from '../../../src/node/crypto.ts';
import type { Runtime, Transport } from '../../../src/spec/ports.ts';
import { openSqliteStores, openSqliteStoresInThread } from '../../../src/store/sql/sqlite-stores.ts';
import type { QueueStore } from '../../../src/store/store.ts';
import { RecordingLog } from '../../../src/testing/recording-log.ts';
import { seededRandom } from '../../../src/testing/seeded-random.ts';

/**
 * What one process does with the queue of a folder: opens the database, queues some requests (or none), runs until nothing
 * is left to do, and writes down in a file of its own what was told to anybody. Every call of the store and every sending
 * passes two crash points: before anything happened, and after it happened but before anybody knows.
 */
export interface SessionOptions {
  readonly folder: string;
  /** Markers of the requests to queue. */
  readonly markers: readonly string[];
  /** Called at each crash point. */
  point(name: string): void;
  /** Whether the database has a thread of its own, as in the server. */
  readonly thread: boolean;
}

/** What was told: `acked JOB MARKER`, `sent MARKER`, `committed JOB BODY`, `delivered JOB`. One line each, in order. */
export function toldIn(folder: string): readonly (readonly [what: string, id: string, rest: string])[] {
  const file = path.join(folder, 'told');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [what = '', id = '', ...rest] = line.split(' ');
      return [what, id, rest.join(' ')];
    });
}

/** Runs a session to its end; gives the number of crash points that it passed. */
export async function playSession(options: SessionOptions): Promise<number> {
  const { folder, markers, thread } = options;
  let points = 0;
  const pass = (name: string): void => {
    points += 1;
    options.point(name);
  };
  const tell = (...words: readonly string[]): void => {
    appendFileSync(path.join(folder, 'told'), `${words.join(' ')}\n`);
  };
  const clock = createClock('hold');
  const database = { path: path.join(folder, 'queue.db'), clock };
  const stores = thread ? await openSqliteStoresInThread(database) : openSqliteStores(database);
  const runtime: Runtime = {
    clock,
    random: seededRandom(1),
    crypto: createCrypto(),
    transport: standIn(folder, pass, tell),
    secrets: { resolve: () => SECRET },
    log: new RecordingLog(),
  };
  const { config } = loadConfig({ type: 'value', value: CONFIG }, runtime.secrets);
  const composed = await composeGateway({
    config,
    runtime,
    keys: { identify: () => ({ type: 'caller', caller: CALLER }) },
  });
  const queue = composeQueue({
    config: config.queue,
    composed,
    stores: { queue: watched(stores.queue, pass, tell) },
    directory: { identifyById: () => ({ type: 'caller', caller: CALLER }) },
  });
  queue.start();
  for (const marker of markers) {
    const job = await queue.desk.accept({
      keyId: CALLER.keyId,
      api: 'chat',
      model: 'm',
      orderKey: marker.startsWith('order') ? 'conversation' : null,
      webhookUrl: marker === 'flaky' ? 'https://hooks.example/' : null,
      metadata: {},
      headers: [],
      ttlMs: 60_000,
      body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: `marker:${marker}:` }] }),
    });
    pass('accepted');
    tell('acked', job.jobId, marker);
  }
  while (!(await isDone(stores.queue))) await new Promise((resolve) => void setTimeout(resolve, 3));
  await queue.close(0);
  await stores.close();
  return points;
}

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const CALLER = {
  keyId: 'key-1',
  name: 'test',
  role: 'inference',
  models: null,
  directTargets: false,
  tags: [],
} as const;
const CONFIG = {
  providers: { p: { kind: 'openai-compatible', base_url: 'https://p.example/v1', key: 'env:KEY' } },
  models: { m: { targets: ['p/x'] } },
  failover: { probes: false },
  queue: { max_attempts: 4, retry_base_ms: 4, retry_max_ms: 8, webhook_secret: 'env:WEBHOOK_SECRET' },
} as const;

async function isDone(queue: QueueStore): Promise<boolean> {
  const { queued, running } = await queue.unfinished();
  if (queued + running > 0) return false;
  const { jobs } = await queue.list({ keyId: null, status: null, cursor: null, limit: 100 });
  return jobs.every(({ delivery }) => delivery === null || 'atMs' in delivery);
}

// The provider counts in the file what it was sent, so that it knows after a crash too. The first call of "flaky" fails.
function standIn(
  folder: string,
  pass: (name: string) => void,
  tell: (...words: string[]) => void,
): Transport {
  return {
    send: (request, handler) => {
      const hook = request.url.startsWith('https://hooks.');
      const jobId = request.headers.find(([name]) => name === 'webhook-id')?.[1] ?? '';
      const marker = /marker:([\w-]+):/.exec(request.body)?.[1] ?? '';
      pass('send');
      const before = toldIn(folder).filter(([what, id]) => what === 'sent' && id === marker).length;
      if (hook) tell('delivered', jobId);
      else tell('sent', marker);
      pass('sent');
      setTimeout(() => {
        if (hook) {
          handler.onHead(204, []);
          return;
        }
        const fails = marker === 'flaky' && before === 0;
        handler.onHead(fails ? 418 : 200, [['content-type', 'application/json']]);
        handler.onData(textToBytes(fails ? '{}' : chatAnswer(`${marker}#${before + 1}`)));
        handler.onEnd();
      }, 1);
      return { pause: () => {}, resume: () => {}, abort: () => {} };
    },
    close: async () => {},
  };
}

function chatAnswer(content: string): string {
  return JSON.stringify({
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'x',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  });
}

/** The part of an answer that tells which sending it came from. */
export function sendingOf(body: string): string {
  return /"([\w-]+#\d+)"/.exec(body)?.[1] ?? '';
}

// Every call passes a point before and one after it; a result that was committed is told.
function watched(
  queue: QueueStore,
  pass: (name: string) => void,
  tell: (...words: string[]) => void,
): QueueStore {
  const crossing = async <Value>(name: string, work: () => Promise<Value>): Promise<Value> => {
    pass(`before ${name}`);
    const value = await work();
    pass(`after ${name}`);
    return value;
  };
  return {
    add: (job, max) => crossing('add', () => queue.add(job, max)),
    get: (jobId) => crossing('get', () => queue.get(jobId)),
    list: (query) => crossing('list', () => queue.list(query)),
    lease: (now, until) => crossing('lease', () => queue.lease(now, until)),
    renew: (hold, until) => crossing('renew', () => queue.renew(hold, until)),
    settle: (hold, progress, answer) =>
      crossing('settle', async () => {
        const done = await queue.settle(hold, progress, answer);
        if (done && answer !== null) tell('committed', hold.jobId, sendingOf(answer.body));
        return done;
      }),
    reclaim: (until, now) => crossing('reclaim', () => queue.reclaim(until, now)),
    cancel: (jobId) => crossing('cancel', () => queue.cancel(jobId)),
    withdraw: (jobId) => crossing('withdraw', () => queue.withdraw(jobId)),
    revive: (hold, progress) => crossing('revive', () => queue.revive(hold, progress)),
    leaseDelivery: (now, until) => crossing('leaseDelivery', () => queue.leaseDelivery(now, until)),
    settleDelivery: (hold, delivery) =>
      crossing('settleDelivery', () => queue.settleDelivery(hold, delivery)),
    nextDueMs: (after) => crossing('nextDueMs', () => queue.nextDueMs(after)),
    unfinished: () => crossing('unfinished', () => queue.unfinished()),
    prune: (before, batch) => crossing('prune', () => queue.prune(before, batch)),
  };
}
