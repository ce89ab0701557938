import { openSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Logger, pino as Pino } from 'pino';
import type { Log, LogFields } from '../spec/ports.ts';

/** How loud the log is; `silent` writes nothing and never loads the logging library. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Where log lines go; both default to what a container expects: level `info` on standard output. */
export interface LogOptions {
  readonly level?: LogLevel;
  /** A standard stream, or the path of a file that lines are appended to. */
  readonly destination?: 'stdout' | 'stderr' | { readonly path: string };
}

/** A log and the way to write out what still waits in memory; a line after that opens the destination again. */
export interface NodeLog extends Log {
  close(): Promise<void>;
}

/**
 * JSON lines through pino, written asynchronously and flushed when the process exits. One call is one line whatever the
 * fields contain: JSON escapes CR, LF and ESC; the line breaks and control characters that JSON leaves alone (U+007F to
 * U+009F, U+2028, U+2029) are escaped here, so no terminal or log shipper can be fooled by a field.
 */
export function createLog(options: LogOptions = {}): NodeLog {
  const level = options.level ?? 'info';
  const threshold = SEVERITY[level];
  let opened: OpenLog | null = null;
  const write = (at: Exclude<LogLevel, 'silent'>, message: string, fields: LogFields | undefined): void => {
    if (SEVERITY[at] < threshold) return;
    opened ??= open(level, options.destination ?? 'stdout');
    if (fields === undefined) opened.logger[at](message);
    else opened.logger[at](safeFields(fields), message);
  };
  return {
    debug: (message, fields) => write('debug', message, fields),
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
    close: async () => {
      const closing = opened?.close();
      opened = null;
      await closing;
    },
  };
}

const SEVERITY = { debug: 20, info: 30, warn: 40, error: 50, silent: 100 } as const;

interface OpenLog {
  readonly logger: Logger;
  close(): Promise<void>;
}

/** Pino is loaded with the first line: importing it costs 25 ms that a short command need not pay. */
function open(level: LogLevel, destination: 'stdout' | 'stderr' | { readonly path: string }): OpenLog {
  const pino: typeof Pino = createRequire(import.meta.url)('pino');
  // A file is opened here and now, so that its error is told at once and flushing at exit always finds it open.
  const dest =
    typeof destination === 'string' ? STANDARD_STREAMS[destination] : openSync(destination.path, 'a', 0o640);
  const sink = pino.destination({ dest, sync: false });
  // A closed pipe or a full disk must not end the gateway; the lines are lost.
  sink.on('error', () => undefined);
  const flush = (): void => {
    try {
      sink.flushSync();
    } catch {
      // The destination is gone, and so is whoever would read the complaint.
    }
  };
  process.on('exit', flush);
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: escapeLine },
    },
    sink,
  );
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      process.removeListener('exit', flush);
      sink.once('close', resolve);
      sink.once('error', () => resolve());
      sink.end();
    });
  return { logger, close };
}

const STANDARD_STREAMS = { stdout: 1, stderr: 2 } as const;

/** A caller's field may not overwrite the line's own keys, which would forge level, time or message. */
function safeFields(fields: LogFields): LogFields {
  if (!('level' in fields || 'time' in fields || 'message' in fields)) return fields;
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [OWN_KEYS.has(name) ? `field_${name}` : name, value]),
  );
}

const OWN_KEYS = new Set(['level', 'time', 'message']);

const UNSAFE = /[\u007f-\u009f\u2028\u2029]/g;

/** They can stand only inside JSON texts, where the escape means the same character. */
function escapeLine(line: string): string {
  return line.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
