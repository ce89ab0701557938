import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEY_ROLES } from '../spec/identity.ts';
import { BASE62, checksumOf } from './checksum.ts';
import { hintOf, looksLikeKey, mintKey } from './key-format.ts';
import { weaknessOf } from './key-strength.ts';

const random = { next: () => 0.5, hex: (bytes: number) => randomBytes(bytes).toString('hex') };

// A stream of hexadecimal text that depends on the seed alone.
function seeded(seed: number) {
  let turn = 0;
  const hex = (bytes: number) => {
    turn += 1;
    return createHash('shake256', { outputLength: bytes }).update(`${seed}.${turn}`).digest('hex');
  };
  return { next: () => 0.5, hex };
}

describe('checksumOf', () => {
  it('is the CRC-32 that everybody else computes, written in base 62', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
        let value = 0;
        for (const digit of checksumOf(text)) value = value * 62 + BASE62.indexOf(digit);
        expect(value).toBe(crc32(text));
      }),
    );
  });
});

describe('mintKey', () => {
  it('makes keys that are recognised as what they are', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(...KEY_ROLES), (seed, role) => {
        const key = mintKey(seeded(seed), role);
        expect(key).toMatch(/^bw_(live|admin)_[0-9A-Za-z]{38}$/);
        expect(looksLikeKey(key)).toEqual({ type: 'key', role });
        expect(weaknessOf(key)).toBeNull();
      }),
    );
  });

  it('draws every digit equally often', () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 500; seed += 1) {
      for (const digit of mintKey(seeded(seed), 'inference').slice(8, 40)) {
        counts.set(digit, (counts.get(digit) ?? 0) + 1);
      }
    }
    const mean = (500 * 32) / 62;
    expect(counts.size).toBe(62);
    for (const count of counts.values()) expect(Math.abs(count - mean)).toBeLessThan(5 * Math.sqrt(mean));
  });
});

describe('looksLikeKey', () => {
  it('finds every change of a single character', () => {
    const key = mintKey(random, 'inference');
    for (let at = 'bw_live_'.length; at < key.length; at += 1) {
      for (const digit of BASE62) {
        if (digit === key.charAt(at)) continue;
        const changed = key.slice(0, at) + digit + key.slice(at + 1);
        expect(looksLikeKey(changed).type).toBe('typo');
      }
    }
  });

  it('finds a key that was cut, lengthened, or given the other prefix', () => {
    const key = mintKey(random, 'inference');
    expect(looksLikeKey(key.slice(0, -1))).toMatchObject({ type: 'typo', reason: /45 characters/ });
    expect(looksLikeKey(`${key}x`).type).toBe('typo');
    expect(looksLikeKey(key.replace('bw_live_', 'bw_admin_')).type).toBe('typo');
    expect(looksLikeKey(key.replace('bw_live_', 'bw_test_')).type).toBe('typo');
  });

  it('leaves texts of other forms to the lookup', () => {
    for (const text of ['', 'sk-abc', 'a key that an operator chose', '\u0000', 'x'.repeat(1_000_000)]) {
      expect(looksLikeKey(text)).toEqual({ type: 'other' });
    }
  });
});

describe('hintOf', () => {
  it('shows seven characters of the secret at most', () => {
    const key = mintKey(random, 'admin');
    expect(hintOf(key)).toBe(`${key.slice(0, 12)}…${key.slice(-4)}`);
    expect(hintOf('my-own-chosen-key-0123456789')).toBe('my-…6789');
  });
});

describe('weaknessOf', () => {
  it.each([
    ['short', 'Xk29sLq', /at least 24/],
    ['one character', 'a'.repeat(40), /different characters/],
    ['few characters', 'abcabcabcabcabcabcabcabcabc', /different characters/],
    ['a repeated piece', 'abcdefgh1234abcdefgh1234', /repeats/],
    ['the alphabet', 'abcdefghijklmnopqrstuvwxyz', /neighbouring/],
    ['a line end', 'Zt4-mQ9x_Lp2vR7kYw3bN8sD\n', /line ends/],
    ['an umlaut', 'Zt4-mQ9x_Lp2vR7kYw3bN8sDä', /ASCII/],
    ['too long', 'Zt4mQ9xLp2vR'.repeat(40), /longer/],
    ['a mistyped key', 'bw_live_0123456789ABCDEFabcdef', /typo/],
  ])('refuses %s', (_, value, reason) => {
    expect(weaknessOf(value)).toMatch(reason);
  });

  it('accepts a good text of an operator', () => {
    for (const value of ['correct-horse-battery-staple', randomBytes(18).toString('base64url')]) {
      expect(weaknessOf(value)).toBeNull();
    }
  });
});
