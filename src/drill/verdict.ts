import type { DrillReport } from '../spec/drill.ts';

/** What a drill showed, in one sentence. The worst comes first: who reads no further has read what matters. */
export function verdict(report: Omit<DrillReport, 'verdict'>): string {
  const { requests, met, lost, unavoidable, underWay } = report;
  if (lost > 0)
    return `${lost} of ${met} requests that met the fault were lost although another target existed.`;
  if (unavoidable > 0) {
    return `${unavoidable} of ${met} requests that met the fault failed because no other target could take them; give their models a fallback at another provider.`;
  }
  if (underWay > 0)
    return `${underWay} requests that met the fault are still under way; none of ${met} was lost so far.`;
  if (requests === 0) return 'No request came while the drill ran, so it shows nothing.';
  if (met === 0) return `None of ${requests} requests met the fault, so it shows nothing about it.`;
  return `Nothing was lost: ${met} of ${requests} requests met the fault and every one was answered${cost(report)}.`;
}

function cost({ addedMs, left }: Omit<DrillReport, 'verdict'>): string {
  const gone = left === 0 ? '' : `, but for ${left} whose client went away`;
  if (addedMs === null) return gone;
  return addedMs.max < 1
    ? `${gone}, none of them later`
    : `${gone}, 99 % of them at most ${addedMs.p99} ms later`;
}
