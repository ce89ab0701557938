import { createHash } from 'node:crypto';
import type { Begun } from '../../../src/gateway/answer-keeper.ts';
import type { Job } from '../../../src/spec/queue.ts';
import { RecordingSink } from '../../../src/testing/recording-sink.ts';
import { seededRandom } from '../../../src/testing/seeded-random.ts';
import { VirtualClock } from '../../../src/testing/virtual-clock.ts';
import type { Violation } from '../history/history.ts';
import { AnswerDisk } from './answer-disk.ts';
import type {
  AskFacts,
  DurableCheck,
  DurableHistory,
  DurableInvariant,
  DurableOutcome,
  NewsFacts,
  PostFacts,
  RunFacts,
  ServingFacts,
} from './facts.ts';
import { Life } from './life.ts';
import { scriptedReceiver, scriptedRunner, serve, type Told } from './provider.ts';
import { QueueDisk } from './queue-disk.ts';
import type { DurableScript, ScriptAsked, ScriptEnd, ScriptJob } from './script.ts';

/** Lives through a script on real queues and kept answers over a simulated machine, and checks what must hold. */
export async function runDurable(
  script: DurableScript,
  invariants: readonly DurableInvariant[],
): Promise<DurableOutcome> {
  const history = new Run(script, invariants);
  await history.live();
  return history.outcome();
}

/** Longest that it may go on after the last act until all is answered. */
const PATIENCE_MS = 14_400_000;
const RESTART_MS = 500;

class Run implements DurableHistory, Told {
  readonly script: DurableScript;
  readonly queue: QueueDisk;
  readonly answers: AnswerDisk;
  readonly lives: Life[] = [];
  readonly posts: PostFacts[] = [];
  readonly runs: RunFacts[] = [];
  readonly servings: ServingFacts[] = [];
  readonly asks: AskFacts[] = [];
  readonly news: NewsFacts[] = [];
  readonly #clock = new VirtualClock();
  readonly #startedAtMs = this.#clock.monotonicMs();
  readonly #random;
  readonly #checks: readonly DurableCheck[];
  readonly #violations: Violation[] = [];
  readonly #story: string[] = [];
  #main: Life | null = null;
  #second: Life | null = null;
  #crashes = 0;
  #drains = 0;
  #busy = 0;

  constructor(script: DurableScript, invariants: readonly DurableInvariant[]) {
    this.script = script;
    this.#random = seededRandom(script.seed * 131 + 3);
    this.queue = new QueueDisk(script.disk.loses, {
      onLease: (job: Job, life) => {
        this.#tell(`process ${life} leases ${job.jobId}, fence ${job.fence}`);
        for (const check of this.#checks) check.onLease?.(job, life);
      },
      onSettle: (hold, before, after) => {
        this.#tell(`${hold.jobId} is ${after.job.state.status}, fence ${hold.fence}`);
        if (after.job.attempts < before.attempts)
          this.postOf(after.order.body).excused += before.attempts - after.job.attempts;
        for (const check of this.#checks) check.onSettle?.(hold, before, after);
      },
    });
    this.answers = new AnswerDisk(script.disk.loses);
    this.#checks = invariants.map((invariant) => invariant.check(this));
  }

  async live(): Promise<void> {
    const { jobs, requests, acts, secondAtMs } = this.script;
    this.#start('main');
    jobs.forEach((job, index) => this.#at(job.atMs, () => void this.#post(job, index)));
    for (const request of requests) this.#at(request.atMs, () => void this.#ask(request));
    for (const act of acts) this.#at(act.atMs, () => void this.#end(act));
    if (secondAtMs !== null) this.#at(secondAtMs, () => this.#start('second'));
    const times = [...jobs, ...requests, ...acts].map(({ atMs }) => atMs);
    await this.#clock.advance(Math.max(0, ...times) + 10_000);
    const faultsMs = Math.max(0, ...this.script.storeFaults.map(({ untilMs }) => untilMs));
    await this.#clock.advance(Math.max(0, faultsMs - this.elapsedMs()));
    do {
      await this.#clock.runUntil(() => this.#quiet(), PATIENCE_MS);
      await this.#end({ type: 'drain', atMs: 0, downMs: Infinity, graceMs: 5_000 }, true);
      // One that died of its job while it was drained has a next one.
    } while (this.#main?.ended === 'kill');
    for (const check of this.#checks) check.atEnd?.();
  }

  outcome(): DurableOutcome {
    const { jobs, requests } = this.script;
    return {
      violations: this.#violations,
      accepted: this.posts.filter(({ state }) => state === 'accepted').length,
      lifetimes: jobs.length + requests.length,
      crashes: this.#crashes,
      drains: this.#drains,
      virtualMs: this.elapsedMs(),
      trace: createHash('sha256').update(this.#story.join('\n')).digest('hex'),
      story: this.#story,
    };
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  elapsedMs(): number {
    return this.#clock.monotonicMs() - this.#startedAtMs;
  }

  chance(): number {
    return this.#random.next();
  }

  violate(id: string, what: string): void {
    this.#tell(`VIOLATES ${id}: ${what}`);
    this.#violations.push({ id, atMs: this.elapsedMs(), what });
  }

  postOf(body: string): PostFacts {
    const post = this.posts.find((_, index) => body === `post ${index}`);
    if (post === undefined) throw new Error(`nobody posted ${body}`);
    return post;
  }

  onRun(run: RunFacts): void {
    this.#tell(`process ${run.life} runs ${run.jobId}`);
    this.runs.push(run);
    for (const check of this.#checks) check.onRun?.(run);
  }

  onDeath(life: Life): void {
    this.#crashes += 1;
    this.#tell(`process ${life.number} dies of its job`);
    void this.#dies(life, 'kill', RESTART_MS);
  }

  onServing(serving: ServingFacts): void {
    this.#tell(`process ${serving.life} serves ${serving.text}`);
    this.servings.push(serving);
    for (const check of this.#checks) check.onServing?.(serving);
  }

  onNews(news: NewsFacts): void {
    this.#tell(`news of ${news.webhookId}`);
    this.news.push(news);
  }

  #tell(line: string): void {
    this.#story.push(`${this.elapsedMs()} ${line}`);
  }

  // Acts are due at their own time, whoever lives then.
  #at(atMs: number, act: () => void): void {
    this.#clock.after(atMs, act);
  }

  // The process that takes requests in; null where none does at present.
  get #open(): Life | null {
    return this.#main !== null && this.#main.alive && !this.#main.draining ? this.#main : null;
  }

  #start(role: 'main' | 'second'): void {
    const { script } = this;
    const life = new Life({
      number: this.lives.length,
      script,
      clock: this.#clock,
      queueDisk: this.queue,
      answerDisk: this.answers,
      runner: (self) => scriptedRunner(self, this),
      transport: (self) => scriptedReceiver(self, script.hooks, this),
      elapsedMs: () => this.elapsedMs(),
    });
    this.#tell(`process ${life.number} starts as ${role}`);
    this.lives.push(life);
    if (role === 'main') this.#main = life;
    else this.#second = life;
    life.queue.start();
  }

  async #post(script: ScriptJob, index: number): Promise<void> {
    const life = this.#open;
    const post: PostFacts = {
      script,
      life: life?.number ?? -1,
      postedAtMs: this.elapsedMs(),
      state: 'waiting',
      jobId: null,
      acceptedAtMs: Infinity,
      cancel: 'no',
      runs: 0,
      excused: 0,
    };
    this.posts[index] = post;
    if (life === null) {
      post.state = 'lost';
      return;
    }
    try {
      const { jobId } = await life.queue.desk.accept({
        keyId: 'key-1',
        api: 'chat',
        model: 'm',
        orderKey: script.orderKey,
        webhookUrl: script.webhook ? 'https://hooks.example/' : null,
        metadata: {},
        headers: [],
        ttlMs: script.ttlMs,
        body: `post ${index}`,
      });
      if (!life.alive) return;
      post.jobId = jobId;
      post.state = 'accepted';
      post.acceptedAtMs = this.elapsedMs();
      this.#tell(`post ${index} is accepted as ${jobId}`);
      if (script.cancelAfterMs !== null) this.#at(script.cancelAfterMs, () => void this.#cancel(post, jobId));
    } catch {
      post.state = 'refused';
      this.#tell(`post ${index} is refused`);
    }
  }

  async #cancel(post: PostFacts, jobId: string): Promise<void> {
    const life = this.#open;
    if (life === null) return;
    post.cancel = 'asked';
    try {
      const outcome = await life.queue.desk.cancel('key-1', jobId);
      post.cancel = outcome === 'cancelled' ? 'done' : outcome === 'unknown' ? 'asked' : 'no';
      this.#tell(`cancelling ${jobId}: ${outcome}`);
    } catch {
      this.#tell(`cancelling ${jobId} fails`);
    }
  }

  async #ask(script: ScriptAsked): Promise<void> {
    const life = this.#open;
    if (life === null) return;
    const sink = new RecordingSink();
    const ask: AskFacts = { script, life: life.number, sink, outcome: 'waiting' };
    this.asks.push(ask);
    if (script.leavesAfterMs !== null) this.#at(script.leavesAfterMs, () => sink.leave());
    const number = this.asks.length;
    const { key, body, background } = script;
    const begun = await life.answers.begin({ key, keyId: 'key-1', content: `POST body ${body}`, sink });
    if (!life.alive) return;
    this.#tell(`request ${number} of ${key} is ${begun.type}`);
    ask.outcome = outcomeOf(begun);
    if (begun.type === 'run') {
      const kept = { requestId: `req_${number}`, keyId: 'key-1', keepMs: 1_000_000 };
      const target = background ? life.answers.keep(begun.sink, kept) : begun.sink;
      serve(life, ask, target, this, `${key} body ${body} request ${number} process ${life.number}`);
    }
    for (const check of this.#checks) {
      if (ask.outcome === 'replayed') check.onReplayed?.(ask);
      if (ask.outcome === 'mismatch') check.onMismatch?.(ask);
    }
  }

  async #end(end: ScriptEnd, last = false): Promise<void> {
    const life = this.#main;
    if (end.type !== 'drain') {
      this.#tell(`${end.type}`);
      this.#crashes += 1;
      if (life !== null) await this.#dies(life, end.type, end.downMs);
      return;
    }
    if (life === null || life.draining || !life.alive) return;
    const second = last ? this.#second : null;
    if (second?.alive === true) void second.close(end.graceMs);
    this.#drains += 1;
    this.#tell(`process ${life.number} is drained`);
    void life.close(end.graceMs).then(() => {
      if (life.ended !== 'drain') return;
      this.#losesPosts(life);
      this.#tell(`process ${life.number} is closed`);
      for (const check of this.#checks) check.onDrained?.(life, end.graceMs);
      if (!last) this.#at(end.downMs, () => this.#start('main'));
    });
    if (!last) return;
    const over = (): boolean => !life.alive && second?.alive !== true;
    if (!(await this.#clock.runUntil(over, 600_000))) this.violate('E1', 'the last drain never ends');
  }

  // A power cut takes both processes, and what was not written for good.
  async #dies(life: Life, how: 'kill' | 'power', downMs: number): Promise<void> {
    const dying = how === 'power' ? [this.#main, this.#second] : [life];
    const roles = dying.flatMap((each) => (each?.alive === true ? [each] : []));
    this.#busy += 1;
    for (const each of roles) {
      await each.die(how);
      this.#losesPosts(each);
    }
    if (how === 'power') {
      const counted = new Map(this.queue.rows.map(({ job }) => [job.jobId, job.attempts]));
      await this.queue.cut(this.#random);
      await this.answers.cut(this.#random);
      for (const { job, order } of this.queue.rows)
        this.postOf(order.body).excused += (counted.get(job.jobId) ?? 0) - job.attempts;
    }
    this.#busy -= 1;
    for (const each of roles) {
      const role = each === this.#main ? 'main' : 'second';
      this.#at(downMs, () => this.#start(role));
    }
  }

  // Whoever still waited for its word gets none any more.
  #losesPosts({ number }: Life): void {
    for (const post of this.posts) if (post.life === number && post.state === 'waiting') post.state = 'lost';
  }

  #quiet(): boolean {
    if (this.#busy > 0 || this.#open === null) return false;
    if (this.servings.some(({ life, state }) => state === 'under way' && this.lives[life]?.alive))
      return false;
    if (this.posts.some(({ state }) => state === 'waiting')) return false;
    return this.queue.rows.every(({ job: { state, delivery } }) => {
      const finished = state.status === 'answered' || state.status === 'dead';
      return finished && (delivery === null || 'atMs' in delivery);
    });
  }
}

function outcomeOf(begun: Begun): AskFacts['outcome'] {
  if (begun.type === 'run') return 'ran';
  if (begun.type !== 'refused') return begun.type;
  return begun.kind === 'idempotency_mismatch' ? 'mismatch' : 'refused';
}
