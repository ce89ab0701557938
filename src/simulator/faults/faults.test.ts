import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeShared, sharedPath } from '../../../test/shared.ts';
import { WIRE_NAMES } from '../settings.ts';
import { envelope } from '../refusal.ts';
import { replacement, type FaultFacts } from './before.ts';
import { STATUS_ERRORS, type CatalogueEntry, type RetryAfter } from './fault.ts';
import { httpDate } from './http-date.ts';
import { FAULT_NAMES, faultNamed, magicModel } from './names.ts';
import { statusRefusal } from './status-errors.ts';

const NOW = { model: 'm', nowMs: 1_780_000_000_000 };

describe('names of faults', () => {
  it.each(Object.keys(FAULT_NAMES))('%s means a fault, in a magic model name too', (name) => {
    const fault = faultNamed(name);
    expect(fault).not.toBeNull();
    expect(magicModel(`gpt-4.1#${name}`)).toEqual({ model: 'gpt-4.1', fault });
    expect(magicModel(`sim-fault-${name}`)).toEqual({ model: `sim-fault-${name}`, fault });
    expect(magicModel(`drill/sim-fault-${name}`).fault).toEqual(fault);
  });

  it('all stand in the guide', () => {
    const guide = readFileSync(
      path.join(import.meta.dirname, '../../../docs/guide/simulated-providers.md'),
      'utf8',
    );
    expect(Object.keys(FAULT_NAMES).filter((name) => !new RegExp(`\`${name}[:\`]`).test(guide))).toEqual([]);
  });

  it('take a number', () => {
    expect(faultNamed('cut:12')).toEqual({ type: 'cut-mid-stream', afterEvents: 12 });
    expect(faultNamed('slow:70')).toEqual({ type: 'slow-first-token', delayMs: 70 });
  });

  it.each(['', 'nonsense', 'cut:x', 'constructor', 'cut:-1'])('do not include %j', (name) => {
    expect(faultNamed(name)).toBeNull();
    expect(magicModel(`gpt-4.1#${name}`)).toEqual({ model: `gpt-4.1#${name}`, fault: null });
  });
});

describe('error answers', () => {
  it.each(WIRE_NAMES.flatMap((wire) => STATUS_ERRORS.map((error) => [wire, error] as const)))(
    '%s has a status and an envelope for %s',
    (wire, error) => {
      const refusal = statusRefusal(wire, error, undefined, NOW);
      expect(refusal.status).toBeGreaterThanOrEqual(400);
      expect(envelope(wire, refusal, 'req_1')).toMatchObject({ error: { message: refusal.message } });
    },
  );

  it.each<[RetryAfter, readonly (readonly [string, string])[]]>([
    [{ type: 'none' }, []],
    [{ type: 'seconds', seconds: 7 }, [['retry-after', '7']]],
    [
      { type: 'milliseconds', ms: 1834 },
      [
        ['retry-after', '2'],
        ['retry-after-ms', '1834'],
      ],
    ],
    [{ type: 'date', seconds: 60 }, [['retry-after', new Date(NOW.nowMs + 60_000).toUTCString()]]],
    [{ type: 'junk', text: 'soon' }, [['retry-after', 'soon']]],
  ])('tell when to come back: %j', (retryAfter, headers) => {
    const refusal = statusRefusal('messages', 'overloaded', retryAfter, NOW);
    expect((refusal.headers ?? []).filter(([name]) => name.startsWith('retry-after'))).toEqual(headers);
  });

  it('tell it in the body where the wire does so', () => {
    const refusal = statusRefusal('generate-content', 'rate-limit', { type: 'seconds', seconds: 9 }, NOW);
    expect(refusal.details).toContainEqual({
      '@type': 'type.googleapis.com/google.rpc.RetryInfo',
      retryDelay: '9s',
    });
  });
});

describe('an HTTP date', () => {
  it('is what the platform would write', () => {
    fc.assert(
      fc.property(fc.integer({ min: -2_208_988_800_000, max: 4_102_444_800_000 }), (ms) => {
        expect(httpDate(ms)).toBe(new Date(ms).toUTCString());
      }),
      { seed: 20_261_121 },
    );
  });
});

describeShared('the fault catalogue', () => {
  const facts: FaultFacts = { wire: 'chat', model: 'm', nowMs: 0, requestSeed: 'r' };
  const lines = readFileSync(sharedPath('data', 'wire', 'provider_faults.jsonl'), 'utf8')
    .trim()
    .split('\n');
  const entries = lines.map((line): CatalogueEntry => JSON.parse(line));

  it('is replayed: what has a status is served as it stands, what has none breaks the connection', () => {
    expect(entries.length).toBeGreaterThan(100);
    for (const entry of entries) {
      const script = replacement({ type: 'replay', entry }, facts);
      expect(script, entry.id).not.toBeNull();
      const answered = script?.type === 'answer' && script.ending === 'whole';
      const expected = entry.status !== null && !(entry.phase === 'stream' && !entry.body.endsWith('\n\n'));
      expect(answered, entry.id).toBe(expected);
    }
  });
});
