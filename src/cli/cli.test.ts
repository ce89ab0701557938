import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../config/config-error.ts';
import { StoreError } from '../store/store-error.ts';
import { CommandError } from './exit.ts';
import { exitOf } from './failure.ts';
import { localUrl } from './gateway-address.ts';
import { secretText } from './secret-text.ts';
import { readSettings } from './settings.ts';
import { typed } from './typed.ts';
import { tokenCount } from './commands/explain.ts';

describe('exit codes', () => {
  it.each<readonly [unknown, string]>([
    [new CommandError('auth', 'no key'), 'auth'],
    [new ConfigError('a.yaml', []), 'usage'],
    [new StoreError('locked', 'in use'), 'unavailable'],
    [new StoreError('rejected', 'weak'), 'usage'],
    [new StoreError('damaged', 'broken'), 'failure'],
    [new Error('anything else'), 'failure'],
    ['not even an error', 'failure'],
  ])('%s ends with %s', (error, exit) => {
    expect(exitOf(error)).toBe(exit);
  });
});

describe('settings', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'bellwether-settings-'));
  const file = path.join(folder, 'a.yaml');
  writeFileSync(file, 'server: { host: 0.0.0.0, port: 1111 }\nstore: { url: "sqlite:file.db" }\n');

  it.each([
    ['the file', {}, {}, ['0.0.0.0', 1111, 'sqlite:file.db']],
    [
      'the environment over the file',
      {},
      { BELLWETHER_HOST: '::1', BELLWETHER_PORT: '2222', BELLWETHER_DATA: 'd' },
      ['::1', 2222, 'sqlite:d/bellwether.db'],
    ],
    [
      'the command line over both',
      { host: '::', port: '3333', data: 'e' },
      { BELLWETHER_HOST: '::1', BELLWETHER_PORT: '2222', BELLWETHER_DATA: 'd' },
      ['::', 3333, 'sqlite:e/bellwether.db'],
    ],
    [
      'nothing from empty variables',
      {},
      { BELLWETHER_PORT: '', BELLWETHER_DATA: '' },
      ['0.0.0.0', 1111, 'sqlite:file.db'],
    ],
  ])('come from %s', async (...row) => {
    const [, options, environment, [host, port, url]] = row;
    const { config } = await readSettings({ config: file, ...options }, environment);
    expect([config.server.host, config.server.port, config.store.url]).toEqual([host, port, url]);
  });

  it('take a key from a file, and say which variable named one that is missing or empty', () => {
    const key = path.join(folder, 'key');
    writeFileSync(key, 'secret-text\n');
    expect(secretText(`file:${key}`, 'X')).toBe('secret-text');
    expect(secretText('', 'X')).toBeUndefined();
    writeFileSync(key, '\n');
    expect(() => secretText(`file:${key}`, 'X')).toThrow('named by X, is empty');
    rmSync(folder, { recursive: true });
    expect(() => secretText(`file:${key}`, 'X')).toThrow('named by X, cannot be read');
  });
});

it.each([
  ['0.0.0.0', 'http://127.0.0.1:80'],
  ['::', 'http://127.0.0.1:80'],
  ['::1', 'http://[::1]:80'],
  ['gateway.local', 'http://gateway.local:80'],
])('a gateway that listens on %s is reached at %s', (host, url) => {
  expect(localUrl({ host, port: 80 })).toBe(url);
});

it('commands are named as they are typed: by name, or through npm in a clone', () => {
  expect(typed('init', '/usr/bin/bellwether')).toBe('bellwether init');
  expect(typed('init', '/clone/src/cli/main.ts')).toBe('npm run bellwether -- init');
});

it.each([
  ['5000', 5_000],
  ['200k', 200_000],
  ['1.5M', 1_500_000],
])('--tokens %s is %s', (text, count) => {
  expect(tokenCount(text)).toBe(count);
});

it.each(['', 'many', '-5', '1kk', '1e9'])('--tokens "%s" is refused', (text) => {
  expect(() => tokenCount(text)).toThrow('--tokens takes a number');
});
