import type { HttpRequest } from '../measure/http-text.ts';
import { measureLatencies } from '../measure/latencies.ts';
import type { Latencies } from '../measure/open-loop.ts';
import { runWrk } from '../measure/wrk.ts';
import type { VariantName } from '../options.ts';
import { inRound } from '../plan.ts';
import { FIRST_CONTENT, isStream, loadName, type Load } from '../upstream/load.ts';
import { chatRequest } from '../upstream/request-body.ts';
import type { RunningVariant } from '../variants/variant.ts';
import { withRunning, type Bench } from './bench.ts';

interface Pace {
  readonly measure: string;
  readonly load: Load;
  readonly perSecond: number;
  readonly marker: string | null;
  /** Variants that cannot keep this rate up on one core: their queue would be measured, not their latency. */
  readonly tooFastFor: readonly VariantName[];
}

const PACES: readonly Pace[] = [
  {
    measure: 'added-200',
    load: { wire: 'openai', pace: 'json' },
    perSecond: 200,
    marker: null,
    tooFastFor: [],
  },
  {
    measure: 'added-1000',
    load: { wire: 'openai', pace: 'json' },
    perSecond: 1000,
    marker: null,
    tooFastFor: ['portkey'],
  },
  {
    measure: 'first-content',
    load: { wire: 'openai', pace: 'paced' },
    perSecond: 40,
    marker: FIRST_CONTENT,
    tooFastFor: [],
  },
];

/** The latency that each variant adds to the fake provider's own, at constant rates: percentile minus percentile. */
export function measureLatency(bench: Bench): Promise<void> {
  return withRunning(bench, async (running) => {
    for (const each of running) {
      bench.progress(`warming up ${each.name}`);
      await runWrk(each.request({ wire: 'openai', pace: 'json' }), 32, bench.plan.warmUpSeconds[each.name]);
      await runWrk(each.request({ wire: 'openai', pace: 'paced' }), 32, 1);
    }
    for (let round = 0; round < bench.plan.latencyRounds; round += 1) {
      for (const pace of inRound(PACES, round)) await measurePace(bench, running, pace, round);
    }
  });
}

async function measurePace(
  bench: Bench,
  running: readonly RunningVariant[],
  pace: Pace,
  round: number,
): Promise<void> {
  const { samples, provider } = bench;
  const able = running.filter(({ name }) => !pace.tooFastFor.includes(name));
  const measure = (name: string, request: HttpRequest): Promise<Latencies> => {
    bench.progress(`${pace.measure} ${name}, round ${round + 1} of ${bench.plan.latencyRounds}`);
    const { perSecond, marker } = pace;
    return measureLatencies({ request, perSecond, marker, seconds: bench.plan.latencySeconds });
  };
  const direct = await measure('direct', directRequest(provider.port, pace.load));
  for (const each of inRound(able, round)) {
    const through = await measure(each.name, each.request(pace.load));
    if (through.failed > 0)
      samples.note(`${each.name} left ${through.failed} requests unanswered (${pace.measure}).`);
    for (const share of ['p50', 'p90', 'p99'] as const) {
      samples.add(`${pace.measure}.${share}`, each.name, through[share] - direct[share]);
    }
  }
}

function directRequest(port: number, load: Load): HttpRequest {
  return {
    port,
    path: `/${loadName(load)}/v1/chat/completions`,
    headers: [['authorization', 'Bearer provider-key']],
    body: chatRequest('gpt-4.1', isStream(load) ? 'stream' : 'json'),
  };
}
