import { createHash, createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createClock } from './clock.ts';
import { createCrypto } from './crypto.ts';
import { createRandom } from './random.ts';
import { createNodeRuntime } from './runtime.ts';
import { createSecrets } from './secrets.ts';
import { listenForSignals, type SignalSource } from './signals.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bellwether-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('the clock', () => {
  it('calls back no earlier than asked, by its own monotonic time', async () => {
    const clock = createClock('hold');
    for (const waitMs of [0, 1, 7.5, 20]) {
      const startMs = clock.monotonicMs();
      await new Promise<void>((resolve) => {
        clock.after(waitMs, resolve);
      });
      expect(clock.monotonicMs() - startMs).toBeGreaterThanOrEqual(waitMs);
    }
  });

  it('calls back after a second and more too', async () => {
    const clock = createClock('hold');
    const startMs = clock.monotonicMs();
    await new Promise<void>((resolve) => {
      clock.after(1000, resolve);
    });
    expect(clock.monotonicMs() - startMs).toBeGreaterThanOrEqual(1000);
  });

  it('never calls back what was cancelled, however often', async () => {
    const clock = createClock('hold');
    let called = 0;
    for (const waitMs of [1, 1000]) {
      const timer = clock.after(waitMs, () => (called += 1));
      timer.cancel();
      timer.cancel();
    }
    await new Promise<void>((resolve) => {
      clock.after(5, resolve);
    });
    expect(called).toBe(0);
  });

  it('tells the wall time in milliseconds', () => {
    expect(Math.abs(createClock().nowMs() - Date.now())).toBeLessThan(1000);
  });
});

describe('chance', () => {
  it('gives hexadecimal text of the length asked for, never the same twice', () => {
    const random = createRandom();
    const seen = new Set<string>();
    for (let turn = 0; turn < 2000; turn += 1) {
      const text = random.hex(16);
      expect(text).toMatch(/^[\da-f]{32}$/);
      seen.add(text);
    }
    expect(seen.size).toBe(2000);
    expect(random.hex(0)).toBe('');
    expect(random.hex(10_000)).toMatch(/^[\da-f]{20000}$/);
  });

  it('is uniform below one', () => {
    const random = createRandom();
    const buckets = Array.from({ length: 10 }, () => 0);
    for (let turn = 0; turn < 10_000; turn += 1) {
      const bucket = Math.floor(random.next() * 10);
      buckets[bucket] = buckets[bucket]! + 1;
    }
    expect(Math.min(...buckets)).toBeGreaterThan(800);
  });
});

describe('cryptography', () => {
  const crypto = createCrypto();

  it('agrees with streaming hashes on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, key) => {
        expect(crypto.sha256(text)).toBe(createHash('sha256').update(text, 'utf8').digest('hex'));
        expect(crypto.hmac(key, text)).toBe(createHmac('sha256', key).update(text, 'utf8').digest('hex'));
      }),
    );
  });

  it('compares as === does', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(crypto.equal(a, b)).toBe(a === b);
        expect(crypto.equal(a, `${a}${b}`)).toBe(b === '');
        expect(crypto.equal(a, a)).toBe(true);
      }),
    );
  });
});

describe('secrets', () => {
  it('come from the environment, files and systemd credentials, without blanks around them', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'key'), '  sk-file\n');
    writeFileSync(join(folder, 'empty'), '\n');
    const secrets = createSecrets({ KEY: 'sk-env ', EMPTY: '', CREDENTIALS_DIRECTORY: folder });
    expect(secrets.resolve('env:KEY')).toBe('sk-env');
    expect(secrets.resolve('env:EMPTY')).toBeNull();
    expect(secrets.resolve('env:MISSING')).toBeNull();
    expect(secrets.resolve(`file:${folder}/key`)).toBe('sk-file');
    expect(secrets.resolve(`file:${folder}/empty`)).toBeNull();
    expect(secrets.resolve(`file:${folder}/missing`)).toBeNull();
    expect(secrets.resolve('credential:key')).toBe('sk-file');
    expect(secrets.resolve('credential:../key')).toBeNull();
    expect(secrets.resolve('credential:..')).toBeNull();
    expect(createSecrets({}).resolve('credential:key')).toBeNull();
  });

  it.each(['sk-proj-123456', '', 'env:', 'ENV:KEY', 'https://vault/key', 'env KEY'])(
    'refuses %j, which is not a reference, without repeating it',
    (text) => {
      expect(() => createSecrets({}).resolve(text)).toThrow(/must be a reference/);
      expect(() => createSecrets({}).resolve(text)).not.toThrow(/sk-proj|vault/);
    },
  );
});

describe('signals', () => {
  it('ask to stop, then to stop at once, and to reload', () => {
    const listeners = new Map<string, () => void>();
    const source: SignalSource = {
      on: (signal, listener) => listeners.set(signal, listener),
      removeListener: (signal) => listeners.delete(signal),
    };
    const heard: string[] = [];
    const release = listenForSignals(
      {
        onStop: (signal) => heard.push(`stop ${signal}`),
        onForcedStop: (signal) => heard.push(`forced ${signal}`),
        onReload: () => heard.push('reload'),
      },
      source,
    );
    for (const signal of ['SIGHUP', 'SIGINT', 'SIGHUP', 'SIGTERM', 'SIGINT']) listeners.get(signal)?.();
    expect(heard).toEqual(['reload', 'stop SIGINT', 'reload', 'forced SIGTERM', 'forced SIGINT']);
    release();
    expect(listeners.size).toBe(0);
  });
});

describe('the runtime', () => {
  it('carries every port and closes', async () => {
    const { runtime, close } = createNodeRuntime({ log: { level: 'silent' }, environment: { KEY: 'value' } });
    expect(runtime.secrets.resolve('env:KEY')).toBe('value');
    expect(Object.keys(runtime).toSorted()).toEqual([
      'clock',
      'crypto',
      'log',
      'random',
      'secrets',
      'transport',
    ]);
    runtime.log.error('unheard');
    await close();
  });
});
