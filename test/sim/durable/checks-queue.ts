import type { JobAnswer, JobState } from '../../../src/spec/queue.ts';
import type { DurableCheck, DurableHistory, PostFacts } from './facts.ts';
import type { JobRow } from './queue-disk.ts';

/** D1: what was acknowledged is answered, or dead with a reason; what was refused is not run. */
export function losesNothing(history: DurableHistory): DurableCheck {
  return {
    onRun: ({ post, life, jobId }) => {
      // After its process died nobody is left who knows that it was refused.
      if (post.state === 'refused' && post.life === life)
        history.violate('D1.refused', `${jobId} runs, though its client was told that it is not queued`);
      if (post.cancel === 'done') history.violate('D1.cancelled', `${jobId} runs, though it was cancelled`);
    },
    atEnd: () => {
      for (const { state, cancel, jobId } of history.posts) {
        if (state !== 'accepted' || jobId === null) continue;
        const row = history.queue.row(jobId);
        if (cancel === 'done') {
          if (row !== null) history.violate('D1.cancelled', `${jobId} is there again`);
        } else if (row === null) {
          if (cancel === 'no') history.violate('D1', `${jobId} is lost`);
        } else if (!isFinished(row.job.state)) {
          history.violate('D1', `${jobId} is still ${row.job.state.status}`);
        } else if (row.job.state.status === 'dead' && row.job.state.reason.message === '') {
          history.violate('D1', `${jobId} is dead without a reason`);
        }
      }
    },
  };
}

/** D3 and D7: one result, written by whoever holds the last lease, and told as it is. */
export function commitsOnce(history: DurableHistory): DurableCheck {
  const fences = new Map<string, number>();
  const results = new Map<string, string>();
  return {
    onLease: ({ jobId, fence }) => void fences.set(jobId, fence),
    onSettle: (hold, before, { job, answer }) => {
      const { jobId, fence } = hold;
      if (fence !== fences.get(jobId))
        history.violate('D7', `${jobId} is written with the fence ${fence}, not ${fences.get(jobId)}`);
      if (isFinished(before.state)) history.violate('D7', `${jobId} is finished a second time`);
      if (!isFinished(job.state)) return;
      if ((job.state.status === 'answered') !== (answer !== null))
        history.violate(
          'D3',
          `${jobId} is ${job.state.status} ${answer === null ? 'without' : 'with'} an answer`,
        );
      results.set(jobId, JSON.stringify([job.state, answer]));
    },
    atEnd: () => {
      for (const { job, answer } of history.queue.rows) {
        if (!isFinished(job.state)) continue;
        const result = JSON.stringify([job.state, answer]);
        if (results.get(job.jobId) !== result)
          history.violate('D3', `${job.jobId} came to ${results.get(job.jobId)} and is ${result} now`);
      }
    },
  };
}

/** D3: a webhook hears of its job at least once, by one name and with one content; and so do those who listen to events. */
export function tellsTheNews(history: DurableHistory): DurableCheck {
  return {
    atEnd: () => {
      for (const row of history.queue.rows) {
        const { webhookUrl, state } = row.job;
        if (webhookUrl !== null && isFinished(state)) webhookHears(history, row);
      }
      eachIsAnnounced(history);
    },
  };
}

function webhookHears(history: DurableHistory, { job, answer }: JobRow): void {
  const { jobId, state, delivery } = job;
  const news = history.news.filter(({ webhookId }) => webhookId === jobId);
  if (delivery?.status === 'delivered' && news.length === 0)
    history.violate('D3.webhook', `${jobId} is delivered, but nobody got it`);
  if (delivery?.status !== 'delivered' && delivery?.status !== 'undelivered')
    history.violate('D3.webhook', `the news of ${jobId} are ${delivery?.status ?? 'not on their way'}`);
  const right = newsOf(jobId, state, answer);
  for (const { told } of news)
    if (told !== right) history.violate('D3.webhook', `${jobId} was told as ${told}, and is ${right}`);
}

function newsOf(jobId: string, state: JobState, answer: JobAnswer | null): string {
  const body = answer === null ? null : { status: 200, content_type: 'text/plain', body: answer.body };
  return JSON.stringify([jobId, state.status, body, state.status === 'dead' ? state.reason : null]);
}

// A process that died may have taken the announcement with it, as one that was closed before it knew what was written; no
// other makes it a second time.
function eachIsAnnounced(history: DurableHistory): void {
  const events = history.lives.flatMap(({ events: of }) => of);
  const crashed = history.lives.some(
    ({ ended, lines }) =>
      ended === 'kill' ||
      ended === 'power' ||
      lines.some(({ message }) => message.includes('after the next start')),
  );
  for (const { job } of history.queue.rows) {
    const told = events.filter((event) => event.type === 'job-finished' && event.jobId === job.jobId).length;
    if (told > 1) history.violate('D3.event', `the end of ${job.jobId} is announced ${told} times`);
    if (told === 0 && !crashed && isFinished(job.state))
      history.violate('D3.event', `the end of ${job.jobId} is announced to nobody`);
  }
}

/** D4: one conversation goes on in the order in which its parts were acknowledged. */
export function keepsOrder(history: DurableHistory): DurableCheck {
  return {
    onRun: ({ post, jobId }) => {
      for (const earlier of history.posts) {
        if (!mustComeBefore(earlier, post)) continue;
        const row = earlier.jobId === null ? null : history.queue.row(earlier.jobId);
        if (row !== null && !isFinished(row.job.state))
          history.violate('D4', `${jobId} runs before ${earlier.jobId}, which is ${row.job.state.status}`);
      }
    },
  };
}

function mustComeBefore(earlier: PostFacts, post: PostFacts): boolean {
  const { orderKey } = post.script;
  return orderKey !== null && earlier.script.orderKey === orderKey && earlier.acceptedAtMs < post.postedAtMs;
}

/** D5: what is too late is not begun any more, and is told as that. */
export function buriesTheLate(history: DurableHistory): DurableCheck {
  return {
    onRun: ({ jobId, expiresAtMs }) => {
      if (history.nowMs() >= expiresAtMs) history.violate('D5', `${jobId} is begun after its time`);
    },
    atEnd: () => {
      for (const { job } of history.queue.rows) {
        const { state, expiresAtMs, jobId } = job;
        if (state.status !== 'dead' || state.reason.code !== 'expired') continue;
        if (state.finishedAtMs < expiresAtMs) history.violate('D5', `${jobId} expired before its time`);
        if (!/time was over/.test(state.reason.message))
          history.violate('D5', `${jobId} does not say that it expired: ${state.reason.message}`);
      }
    },
  };
}

/** D6: no job is run for ever. */
export function stopsThePoison(history: DurableHistory): DurableCheck {
  const { attemptsMax } = history.script.queue;
  return {
    onRun: ({ post, jobId }) => {
      if (post.runs > attemptsMax + post.excused)
        history.violate('D6', `${jobId} is run ${post.runs} times, ${post.excused} of them excused`);
    },
  };
}

/** E1 and E4: a drain ends in time and hands back what it cut, or says of what it could not. */
export function handsBack(history: DurableHistory): DurableCheck {
  // Who runs a job under its last lease: of a lease whose answer was lost a process knows nothing.
  const holders = new Map<string, number>();
  return {
    onLease: ({ jobId }) => void holders.delete(jobId),
    onRun: ({ jobId, life }) => void holders.set(jobId, life),
    onDrained: ({ number, lines, queueTookMs }, graceMs) => {
      if (queueTookMs > graceMs + CLOSING_MS)
        history.violate('E1', `a drain with ${graceMs} ms of grace took ${queueTookMs} ms`);
      for (const run of history.runs)
        if (run.life === number && !run.ended) history.violate('E1', `${run.jobId} runs on after the drain`);
      for (const { job } of history.queue.rows) {
        if (job.state.status !== 'running' || holders.get(job.jobId) !== number) continue;
        // One that was refused is neither handed back nor missed.
        if (history.posts.some(({ jobId, state }) => jobId === job.jobId && state === 'accepted'))
          if (
            !lines.some(({ fields }) => String(fields['jobId'] ?? fields['jobIds'] ?? '').includes(job.jobId))
          )
            history.violate('E4', `${job.jobId} is neither handed back nor told of`);
      }
    },
  };
}

/** What closing may take besides its grace, also where the store hangs. */
const CLOSING_MS = 2_000;

function isFinished({ status }: JobState): boolean {
  return status === 'answered' || status === 'dead';
}
