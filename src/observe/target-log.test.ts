import { describe, expect, it } from 'vitest';
import { CIRCUIT_STATES, type GatewayEvent } from '../spec/event.ts';
import { RecordingLog } from '../testing/recording-log.ts';
import { targetLog } from './target-log.ts';

function logged(event: GatewayEvent) {
  const log = new RecordingLog();
  targetLog(log)(event);
  return log.lines;
}

const TARGET = 'openai/gpt-4.1';
const DOWN: GatewayEvent = {
  type: 'target-down',
  atMs: 0,
  target: TARGET,
  consecutiveFailures: 5,
  lastError: 'upstream_unavailable: The provider answered 503.',
};
const CHANGED = {
  type: 'circuit-changed',
  atMs: 0,
  target: TARGET,
  keyIndex: 0,
  from: 'closed',
  to: 'open',
  reason: '5 failures in a row',
} as const;

describe('the log of targets', () => {
  it('warns of one that is down, and says what was wrong', () => {
    expect(logged(DOWN)).toEqual([
      {
        level: 'warn',
        message:
          'openai/gpt-4.1 is down after 5 failures in a row, the last: upstream_unavailable: The provider answered 503.',
        fields: { target: TARGET, consecutive_failures: 5 },
      },
    ]);
    expect(logged({ ...DOWN, consecutiveFailures: 1, lastError: '' })[0]?.message).toBe(
      'openai/gpt-4.1 is down after 1 failure.',
    );
  });

  it.each([
    [40, '40 ms'],
    [12_400, '12 s'],
    [150_000, '3 min'],
    [43_200_000, '12 h'],
  ])('tells that one is back after %i ms as people say it', (downMs, said) => {
    expect(logged({ type: 'target-recovered', atMs: 0, target: TARGET, downMs })).toEqual([
      {
        level: 'info',
        message: `openai/gpt-4.1 answers again after ${said}.`,
        fields: { target: TARGET, down_ms: downMs },
      },
    ]);
  });

  it('tells of circuits that open and close, and of no state between', () => {
    const told = CIRCUIT_STATES.map((to) =>
      logged({ ...CHANGED, to }).map(({ level, message }) => [level, message]),
    );
    expect(Object.fromEntries(CIRCUIT_STATES.map((to, index) => [to, told[index]]))).toEqual({
      open: [['warn', 'openai/gpt-4.1 is left alone for a while: 5 failures in a row.']],
      closed: [['info', 'openai/gpt-4.1 gets all of its calls again: 5 failures in a row.']],
      'half-open': [],
      recovering: [],
    });
    expect(logged({ ...CHANGED, keyIndex: 1 })).toMatchObject([
      {
        message: expect.stringMatching(/^openai\/gpt-4\.1 under key 2 is left alone/),
        fields: { key_index: 1, circuit: 'open' },
      },
    ]);
  });

  it('lets no text of a provider or caller break or fill the line', () => {
    const rude = `a\nb\u001b[2J${'x'.repeat(5_000)}`;
    const [line] = logged({ ...DOWN, target: rude, lastError: rude });
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(line?.message).not.toMatch(/[\u0000-\u001f]/);
    expect(line?.message.length).toBeLessThan(800);
  });

  it('is silent about everything else', () => {
    expect(logged({ type: 'config-reloaded', atMs: 0, changes: [] })).toEqual([]);
  });
});
