import type { JobDelivered, JobFinished, JobQueued } from '../../spec/event.ts';
import type { MetricRegistry } from './registry.ts';

/** Counts what happens to queued requests. */
export function queueMetrics(
  registry: MetricRegistry,
): (event: JobQueued | JobFinished | JobDelivered) => void {
  const queued = registry.counter({
    name: 'ai_queue_jobs_total',
    help: 'Requests that were written down to be answered later.',
  });
  const finished = registry.counter(
    {
      name: 'ai_queue_jobs_finished_total',
      help: 'Queued requests that came to an end: answered, or why they were given up.',
    },
    ['outcome'],
  );
  const duration = registry.histogram(
    { name: 'ai_queue_duration_seconds', help: 'Time from the acceptance of a queued request to its end.' },
    DURATION_SECONDS,
  );
  const delivered = registry.counter(
    { name: 'ai_queue_deliveries_total', help: 'Webhooks of queued requests by what came of them.' },
    ['outcome'],
  );
  return (event) => {
    switch (event.type) {
      case 'job-queued':
        queued.add([], 1);
        return;
      case 'job-finished':
        finished.add([event.reason === null ? event.outcome : event.reason.code], 1);
        duration.observe([], event.durationMs / 1_000);
        return;
      case 'job-delivered':
        delivered.add([event.outcome], 1);
        return;
    }
  };
}

/** From an answer that came at once to one that came after a day. */
const DURATION_SECONDS = [1, 3, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400];

/** Shows how many queued requests wait and run, read when somebody scrapes. */
export function queueGauges(
  registry: MetricRegistry,
  unfinished: () => { readonly queued: number; readonly running: number },
): void {
  const gauge = registry.gauge(
    { name: 'ai_queue_unfinished_jobs', help: 'Queued requests that wait or run, as last counted.' },
    ['status'],
  );
  registry.beforeScrape(() => {
    const { queued, running } = unfinished();
    gauge.set(['queued'], queued);
    gauge.set(['running'], running);
  });
}
