import { textToBytes } from '../../../src/base/bytes.ts';
import type { Sink } from '../../../src/gateway/call.ts';
import type { JobRun, JobRunner, RunOutcome } from '../../../src/queue/ports.ts';
import type { Transport } from '../../../src/spec/ports.ts';
import type { AskFacts, NewsFacts, PostFacts, RunFacts, ServingFacts } from './facts.ts';
import type { Life } from './life.ts';
import type { ScriptHooks, ScriptRun } from './script.ts';

/** What the history is told by those who work for it. */
export interface Told {
  postOf(body: string): PostFacts;
  onRun(run: RunFacts): void;
  /** A run takes its process down. */
  onDeath(life: Life): void;
  onServing(serving: ServingFacts): void;
  onNews(news: NewsFacts): void;
  elapsedMs(): number;
  chance(): number;
}

/** Runs jobs as their script says, and counts. */
export function scriptedRunner(life: Life, told: Told): JobRunner {
  return {
    run: (job, body): JobRun => {
      const post = told.postOf(body);
      post.runs += 1;
      const script = post.script.runs[Math.min(post.runs, post.script.runs.length) - 1] ?? GONE;
      const { jobId, expiresAtMs } = job;
      const atMs = told.elapsedMs();
      const run: RunFacts = { post, jobId, expiresAtMs, life: life.number, atMs, ended: false };
      told.onRun(run);
      const { promise, resolve } = Promise.withResolvers<RunOutcome>();
      const finish = (outcome: RunOutcome): void => {
        run.ended = true;
        resolve(outcome);
      };
      const number = post.runs;
      const timer = life.clock.after(script.afterMs, () => {
        if (script.type === 'dies') told.onDeath(life);
        else finish(outcomeOf(script.type, `${body} run ${number} in process ${life.number}`));
      });
      return {
        done: promise,
        abandon: () => {
          timer.cancel();
          finish({ type: 'abandoned' });
        },
      };
    },
  };
}

const GONE: ScriptRun = { type: 'refused', afterMs: 1 };

function outcomeOf(type: Exclude<ScriptRun['type'], 'dies'>, body: string): RunOutcome {
  switch (type) {
    case 'answers':
      return { type: 'answered', answer: { status: 200, contentType: 'text/plain', body } };
    case 'fails':
      return { type: 'failed', status: 503, message: 'Not now.', transient: true, retryAfterMs: null };
    case 'refused':
      return { type: 'failed', status: 400, message: 'Never.', transient: false, retryAfterMs: null };
    case 'barred':
      return { type: 'barred', message: 'The key is revoked.' };
  }
}

/** Receives the news of finished jobs, now and then without saying so. */
export function scriptedReceiver(life: Life, hooks: ScriptHooks, told: Told): Pick<Transport, 'send'> {
  return {
    send: (request, handler) => {
      const webhookId = request.headers.find(([name]) => name === 'webhook-id')?.[1] ?? '';
      const refused = told.chance() < hooks.refuses;
      const unheard = told.chance() < hooks.unheard;
      const timer = life.clock.after(5, () => {
        if (refused) {
          handler.onHead(500, []);
          return;
        }
        const { data } = JSON.parse(request.body);
        const { id, status, answer, reason } = data;
        told.onNews({ webhookId, told: JSON.stringify([id, status, answer, reason]) });
        if (unheard) handler.onFail({ type: 'reset', message: 'the line broke', sent: true });
        else handler.onHead(204, []);
      });
      return { pause: () => {}, resume: () => {}, abort: () => timer.cancel() };
    },
  };
}

/** Serves a request as its script says, until its end, its process's, or the leaving of all its clients. */
// oxlint-disable-next-line max-params -- who serves what for whom, what it says, and who wants to know
export function serve(life: Life, ask: AskFacts, sink: Sink, told: Told, text: string): void {
  const { type, headMs, pieces, gapMs } = ask.script.serve;
  const serving: ServingFacts = { ask, life: life.number, text, state: 'under way' };
  told.onServing(serving);
  let timer = life.clock.after(headMs, begin);
  const forget = life.underWay(stop);
  sink.onClose(stop);
  if (sink.closed) stop();

  function end(state: 'final' | 'passing'): void {
    serving.state = state;
    forget();
  }

  function stop(): void {
    if (serving.state !== 'under way') return;
    timer.cancel();
    end('passing');
    sink.cut();
  }

  function begin(): void {
    if (type === 'streams' || type === 'breaks') {
      sink.open([]);
      piece(0);
      return;
    }
    end(type === 'fails' ? 'passing' : 'final');
    sink.answer(STATUSES[type], [], textToBytes(text));
  }

  function piece(index: number): void {
    const size = Math.ceil(text.length / pieces);
    if (index === pieces) {
      end('final');
      sink.end([]);
    } else if (type === 'breaks' && index === pieces - 1) {
      stop();
    } else {
      sink.write(textToBytes(text.slice(index * size, (index + 1) * size)));
      timer = life.clock.after(gapMs, () => piece(index + 1));
    }
  }
}

const STATUSES = { answers: 200, fails: 503, invalid: 400 } as const;
