import { duration, usd } from '../format/amount.ts';
import { harmless } from '../terminal.ts';
import type { Answer } from './ask.ts';

/** One line about an answer: where it came from and went on, what failed before, how long it took and what it cost. */
export function answerLine(answer: Answer): string {
  const { target, firstTokenMs, durationMs, inputTokens, outputTokens, costUsd, simulated, wentOnAt } =
    answer;
  return harmless(
    [
      target ?? 'no target',
      ...failoverWords(answer),
      ...wentOnAt.map((place) => `went on at ${place}`),
      firstTokenMs === null
        ? duration(durationMs)
        : `first token ${duration(firstTokenMs)}, all ${duration(durationMs)}`,
      ...(inputTokens === null ? [] : [`${inputTokens} in, ${outputTokens ?? '?'} out`]),
      ...(costUsd === null ? [] : [usd(costUsd)]),
      ...(simulated ? ['simulated'] : []),
    ].join(' · '),
  );
}

// The route header reads "first in order; openai/gpt-4.1 failed (upstream_unavailable)": what stands behind the first
// semicolon is what failed.
function failoverWords({ attempts, route, target }: Answer): readonly string[] {
  if (attempts === null || attempts < 2) return [];
  // Where nobody answered, the error above has told what was tried.
  if (target === null) return [`${attempts} attempts`];
  const failed = (route ?? '').split('; ').slice(1).join(', ');
  return [failed === '' ? `${attempts} attempts` : `attempt ${attempts}, after ${failed}`];
}
