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
  /**
   * Writes a line whose members (`"a":1,"b":"x"`) the caller has written as JSON, without the characters that `createLog`
   * escapes: a third of the cost, for the line that every request has. Lines of one turn are written together.
   */
  line(level: LineLevel, members: string): void;
  close(): Promise<void>;
}

/** How loud a line is. */
export type LineLevel = Exclude<LogLevel, 'silent'>;

/**
 * JSON lines through pino, written asynchronously and flushed when the process exits. One call is one line whatever the
 * fields contain: JSON escapes CR, LF and ESC; the line breaks and control characters that JSON leaves alone (U+007F to
 * U+009F, U+2028, U+2029) are escaped here, so no terminal or log shipper can be fooled by a field.
 */
export function createLog(options: LogOptions = {}): NodeLog {
  const level = options.level ?? 'info';
  const threshold = SEVERITY[level];
  let opened: OpenLog | null = null;
  const write = (at: LineLevel, message: string, fields: LogFields | undefined): void => {
    if (SEVERITY[at] < threshold) return;
    opened ??= open(level, options.destination ?? 'stdout');
    opened.lines.flush(); // They came first.
    if (fields === undefined) opened.logger[at](message);
    else opened.logger[at](safeFields(fields), message);
  };
  return {
    debug: (message, fields) => write('debug', message, fields),
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
    line: (at, members) => {
      if (SEVERITY[at] < threshold) return;
      opened ??= open(level, options.destination ?? 'stdout');
      opened.lines.add(at, members);
    },
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
  readonly lines: ReadyLines;
  close(): Promise<void>;
}

/** Pino is loaded with the first line: importing it costs 25 ms that a short command need not pay. */
function open(level: LogLevel, destination: 'stdout' | 'stderr' | { readonly path: string }): OpenLog {
  const pino: typeof Pino = createRequire(import.meta.url)('pino');
  // A file is opened here and now, so that its error is told at once and flushing at exit always finds it open.
  const dest =
    typeof destination === 'string' ? STANDARD_STREAMS[destination] : openSync(destination.path, 'a', 0o640);
  const sink = pino.destination({ dest, sync: false, maxLength: WAITING_MAX });
  const lines = new ReadyLines((text) => sink.write(text));
  // A closed pipe or a full disk must not end the gateway; the lines are lost.
  sink.on('error', () => undefined);
  const flush = (): void => {
    try {
      lines.flush();
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
      lines.flush();
      sink.end();
    });
  return { logger, lines, close };
}

/** Characters that may wait for a slow terminal or disk; what comes on top of them is lost. */
const WAITING_MAX = 16_777_216;

/** Lines of one turn of the event loop, written with one call. */
class ReadyLines {
  readonly #write: (text: string) => void;
  #text = '';
  #timeMs = 0;
  #time = '';

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  add(level: LineLevel, members: string): void {
    if (this.#text === '') queueMicrotask(() => this.flush());
    this.#text += `{"level":"${level}","time":"${this.#now()}",${members}}\n`;
  }

  flush(): void {
    if (this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    this.#write(text);
  }

  // Lines come in groups, and writing a date costs as much as half a line.
  #now(): string {
    const nowMs = Date.now();
    if (nowMs === this.#timeMs) return this.#time;
    this.#timeMs = nowMs;
    this.#time = new Date(nowMs).toISOString();
    return this.#time;
  }
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
