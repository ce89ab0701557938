import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { HealthReportAnswer, TargetHealthAnswer } from '../admin/answers.ts';
import { healthText } from './health.ts';

const NOW = '2026-11-21T03:00:00.000Z';

function target(name: string, changes: Partial<TargetHealthAnswer> = {}): TargetHealthAnswer {
  return {
    target: name,
    healthy: true,
    state: 'closed',
    last_check: '2026-11-21T02:59:57.400Z',
    consecutive_failures: 0,
    last_error: null,
    open_until: null,
    parked_until: null,
    in_flight: 2,
    concurrency_limit: 64,
    first_token_ms: { p50: 312, p95: 900, p99: 1_200 },
    tokens_per_second: 70,
    ...changes,
  };
}

const OPEN = target('anthropic/claude', {
  healthy: false,
  state: 'open',
  consecutive_failures: 5,
  last_error: 'upstream_unavailable: The provider answered 503.',
  open_until: '2026-11-21T03:00:04.000Z',
  first_token_ms: null,
  in_flight: 0,
});

function report(models: Readonly<Record<string, readonly TargetHealthAnswer[]>>): HealthReportAnswer {
  const listed = Object.entries(models).map(([model, targets]) => ({
    model,
    healthy: targets.some(({ healthy }) => healthy),
    last_check: targets[0]?.last_check ?? null,
    consecutive_failures: Math.min(...targets.map((each) => each.consecutive_failures)),
    targets,
  }));
  const healthy = listed.filter((each) => each.healthy).length;
  const summary = `${healthy}/${listed.length} models healthy`;
  return { timestamp: NOW, status: 'degraded', healthy, total: listed.length, summary, models: listed };
}

const drawn = (models: Readonly<Record<string, readonly TargetHealthAnswer[]>>): readonly string[] =>
  stripVTControlCharacters(healthText(report(models))).split('\n');

describe('the health report for people', () => {
  it('begins with what is down, and ends with why', () => {
    const recovering = target('openai/gpt', { state: 'recovering' });
    const lines = drawn({ fine: [recovering], weak: [target('gemini/flash'), OPEN], gone: [OPEN] });
    expect(lines[0]).toMatch(/^2\/3 models healthy at 2026-11-2\d \d\d:00:00$/);
    expect(lines.slice(2)).toEqual([
      '      MODEL               STATE               FAILURES  CHECKED  FIRST TOKEN  UNDER WAY',
      'down  gone                0 of 1 targets      5         3 s ago',
      '        anthropic/claude  left alone for 4 s  5         3 s ago  –            0 of 64',
      'weak  weak                1 of 2 targets      0         3 s ago',
      '        gemini/flash      takes calls         0         3 s ago  312 ms       2 of 64',
      '        anthropic/claude  left alone for 4 s  5         3 s ago  –            0 of 64',
      'ok    fine                1 of 1 targets      0         3 s ago',
      '        openai/gpt        recovering          0         3 s ago  312 ms       2 of 64',
      '',
      'What went wrong last',
      '  anthropic/claude: upstream_unavailable: The provider answered 503.',
    ]);
  });

  it.each([
    [{ parked_until: '2026-11-21T03:12:00.000Z' }, 'parked for 12 min'],
    [{ parked_until: '2026-11-21T15:00:00.000Z', state: 'open', open_until: NOW }, 'parked for 12 h'],
    [{ state: 'half-open', healthy: false }, 'being tried'],
    // Its time ran out while the report was on its way.
    [{ state: 'open', open_until: '2026-11-21T02:59:59.000Z' }, 'left alone for 0 s'],
    [{ last_check: null }, /takes calls +0 +never/],
    [{ concurrency_limit: null, in_flight: 9 }, /312 ms       9$/],
  ] as const)('says of a target with %j: %s', (changes, words) => {
    expect(drawn({ m: [target('a/x', changes)] })[4]).toMatch(words);
  });

  it('lets no text of a provider move the cursor, and says nothing of errors that are over', () => {
    const rude = target('a/x', { healthy: false, last_error: 'no\u001b[2J\u0007' });
    expect(healthText(report({ m: [rude] }))).not.toContain('\u001b[2J');
    expect(drawn({ m: [target('a/x', { last_error: 'it broke' })] }).join('\n')).not.toContain('it broke');
  });

  it('is short where there are no models', () => {
    expect(drawn({})).toHaveLength(1);
  });
});
