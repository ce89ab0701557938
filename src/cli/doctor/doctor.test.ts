import { describe, expect, it } from 'vitest';
import { clockFinding, nodeFinding } from './machine.ts';
import { describeProbe } from './providers.ts';

describe('the machine', () => {
  it.each([
    ['26.10.0', 'ok'],
    ['24.7.0', 'ok'],
    ['24.6.9', 'wrong'],
    ['20.19.0', 'wrong'],
  ])('with Node %s is %s', (version, state) => {
    expect(nodeFinding(version).state).toBe(state);
  });

  it('has a clock that cannot be before the newest price list', () => {
    const nowMs = Date.parse('2026-11-21T00:00:00Z');
    expect(clockFinding(nowMs, '2026-08-19').state).toBe('ok');
    expect(clockFinding(nowMs, '2026-12-01').state).toBe('wrong');
  });
});

type Probe = Parameters<typeof describeProbe>[0];
type Probed = Parameters<typeof describeProbe>[1];

const nowMs = Date.parse('2026-11-21T12:00:00Z');
const config = { name: 'one', baseUrl: 'https://one.example/v1', simulate: null };
const probed = { link: { config }, key: 'env:ONE_KEY', nowMs } as unknown as Probed;

function answered(status: number, date = 'Sat, 21 Nov 2026 12:00:10 GMT'): Probe {
  return { type: 'answered', status, headers: [['date', date]], ms: 84.2 };
}

describe('a provider', () => {
  it.each<readonly [Probe, string, string]>([
    [answered(200), 'ok', 'It accepts its key (env:ONE_KEY), in 84 ms.'],
    [answered(401), 'wrong', 'It refuses its key (env:ONE_KEY) with status 401'],
    [answered(404), 'look', 'no list of models at https://one.example/v1/models'],
    [answered(429), 'look', 'rate limit'],
    [answered(503), 'look', 'in trouble at present'],
    [
      { type: 'failed', failure: { type: 'tls', message: 'The certificate has expired', sent: false } },
      'wrong',
      'https://one.example/v1 cannot be reached: The certificate has expired. Check the certificate',
    ],
  ])('that answers like %j is %s', (probe, state, message) => {
    const [finding, ...others] = describeProbe(probe, probed);
    expect(finding).toMatchObject({
      about: 'Provider one',
      state,
      message: expect.stringContaining(message),
    });
    expect(others).toEqual([]);
  });

  it('shows a clock that is far off', () => {
    const findings = describeProbe(answered(200, 'Sat, 21 Nov 2026 13:00:00 GMT'), probed);
    expect(findings[1]).toEqual({
      about: 'Clock',
      state: 'wrong',
      message: 'It is 60 minutes off that of provider one.',
    });
  });
});
