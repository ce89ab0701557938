import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogFields } from '../spec/ports.ts';
import { createLog, type LogLevel } from './log.ts';

let folder: string;
let files = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bellwether-log-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Everything a log wrote, as text. */
async function written(level: LogLevel, use: (log: ReturnType<typeof createLog>) => void): Promise<string> {
  files += 1;
  const path = join(folder, `${files}.log`);
  const log = createLog({ level, destination: { path } });
  use(log);
  await log.close();
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

describe('the log', () => {
  it('writes one JSON line with level, time, fields and message', async () => {
    const line = await written('info', (log) =>
      log.warn('a target was opened', { target: 'x/y', failures: 3 }),
    );
    expect(JSON.parse(line)).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      target: 'x/y',
      failures: 3,
      message: 'a target was opened',
    });
  });

  it.each<[LogLevel, string[]]>([
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
    ['silent', []],
  ])('at level %s writes %j', async (level, heard) => {
    const text = await written(level, (log) => {
      log.debug('debug');
      log.info('info');
      log.warn('warn');
      log.error('error');
    });
    const messages = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line).message);
    expect(messages).toEqual(heard);
  });

  it.each([
    ['CR and LF', 'a\r\n{"level":"error","message":"forged"}'],
    ['ANSI colours', '\u001b[31mred\u001b[0m'],
    ['a terminal command of one character', '\u009b2J'],
    ['line separators', 'a\u2028b\u2029c\u0085d'],
    ['a JSON break', '"},{"level":"error"'],
    ['backspace and delete', 'a\b\u007f'],
    ['half a surrogate pair', '\ud800'],
  ])('keeps %s on one line, as plain characters, without loss', async (_what, text) => {
    const line = await written('info', (log) => log.info(text, { field: text, [text]: 1 }));
    expect(line.split('\n')).toHaveLength(2);
    expect(line.slice(0, -1)).toMatch(/^[\u0020-\u007e\u00a0-\u2027\u202a-\uffff]*$/);
    const parsed = JSON.parse(line);
    expect([parsed.message, parsed.field]).toEqual([text, text]);
  });

  it('writes one parsable line per call, whatever is in it', async () => {
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.double(), fc.boolean(), fc.constant(null));
    const calls = fc.array(
      fc.tuple(fc.string({ unit: 'binary' }), fc.dictionary(fc.string({ unit: 'binary' }), value)),
      { minLength: 1, maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(calls, async (all) => {
        const text = await written('info', (log) => {
          for (const [message, fields] of all) log.info(message, fields);
        });
        const lines = text.split(/[\n\r\u2028\u2029\u0085]/).slice(0, -1);
        expect(lines.map((line) => JSON.parse(line).message)).toEqual(all.map(([message]) => message));
      }),
      { numRuns: 50, seed: 20261121 },
    );
  });

  it('writes ready members as a line of the same form, in the order of all lines', async () => {
    const text = await written('info', (log) => {
      log.info('first');
      log.line('info', '"request_id":"r1","message":"second"');
      log.line('debug', '"message":"too quiet"');
      log.line('warn', '"message":"third"');
      log.error('fourth');
      log.line('info', '"message":"last"');
    });
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => line.message)).toEqual(['first', 'second', 'third', 'fourth', 'last']);
    expect(lines[1]).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      request_id: 'r1',
      message: 'second',
    });
  });

  it('does not let a field stand for the line itself', async () => {
    const fields: LogFields = { level: 'error', time: 'never', message: 'forged' };
    const parsed = JSON.parse(await written('info', (log) => log.info('real', fields)));
    expect(parsed).toMatchObject({
      level: 'info',
      message: 'real',
      field_level: 'error',
      field_message: 'forged',
    });
  });

  it.each(['stdout', 'stderr'] as const)('is flushed to %s when the process exits at once', (destination) => {
    const module = fileURLToPath(new URL('./log.ts', import.meta.url));
    const script = `
      import { createLog } from ${JSON.stringify(module)};
      const log = createLog({ destination: ${JSON.stringify(destination)} });
      for (let i = 0; i < 500; i += 1) log.info('line', { i });
      for (let i = 0; i < 500; i += 1) log.line('info', '"i":' + i);
      process.exit(0);`;
    const result = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(result[destination].trimEnd().split('\n')).toHaveLength(1000);
    expect(result.status).toBe(0);
  });
});
