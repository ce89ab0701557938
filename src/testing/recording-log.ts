import type { Log, LogFields } from '../spec/ports.ts';

/** A line that was logged. */
export interface LoggedLine {
  readonly level: keyof Log;
  readonly message: string;
  readonly fields: LogFields;
}

/** A log that remembers. */
export class RecordingLog implements Log {
  readonly lines: LoggedLine[] = [];

  debug(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'debug', message, fields });
  }

  info(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'info', message, fields });
  }

  warn(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'warn', message, fields });
  }

  error(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'error', message, fields });
  }

  /** Takes a line whose members are JSON already. */
  line(level: LoggedLine['level'], members: string): void {
    const { message, ...fields } = JSON.parse(`{${members}}`);
    this.lines.push({ level, message, fields });
  }
}
