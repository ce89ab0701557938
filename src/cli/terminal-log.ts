import { asString, isObject, parseJsonOr } from '../base/json.ts';
import type { NodeLog } from '../node/log.ts';
import type { Log, LogFields } from '../spec/ports.ts';
import { harmless, paint, widthOf, type Style } from './terminal.ts';

type Level = keyof Log;
type Fields = { readonly [name: string]: unknown };

const SEVERITY = { debug: 20, info: 30, warn: 40, error: 50, silent: 100 } as const;

/**
 * A log for somebody who sits at the terminal: one short line each, with the fields that a person looks for. Anything that
 * is not a terminal gets JSON lines instead, which machines can read.
 */
export function terminalLog(level: keyof typeof SEVERITY, write: (line: string) => void): NodeLog {
  const tell = (own: Level, message: string, fields: Fields): void => {
    if (SEVERITY[own] >= SEVERITY[level]) write(`${lineOf(own, message, fields)}\n`);
  };
  const at =
    (own: Level) =>
    (message: string, fields: LogFields = {}): void =>
      tell(own, message, fields);
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    line: (own, members) => {
      const fields = parseJsonOr(`{${members}}`, null);
      if (isObject(fields)) tell(own, asString(fields['message']) ?? '', { ...fields, message: undefined });
    },
    close: () => Promise.resolve(),
  };
}

const STYLES: { readonly [level in Level]: Style } = {
  debug: 'dim',
  info: 'dim',
  warn: 'yellow',
  error: 'red',
};

function lineOf(level: Level, message: string, fields: Fields): string {
  const time = new Date().toTimeString().slice(0, 8);
  const text = harmless(message);
  const shown = level === 'warn' || level === 'error' ? paint(STYLES[level], text) : text;
  const particulars = harmless(words(fields));
  const line = `${paint('dim', time)}  ${shown}`;
  if (particulars === '') return line;
  return `${line}${widthOf(line) > 90 ? '\n         ' : ''} ${paint('dim', particulars)}`;
}

// Of a request's many fields these are looked for; everything else stands in the request log under its id.
function words(fields: Fields): string {
  if ('request_id' in fields) {
    const { ms, first_token_ms: first, cost_usd: cost, request_id: id } = fields;
    return [
      ...(present(ms) ? [`${String(ms)} ms`] : []),
      ...(present(first) ? [`first token ${String(first)} ms`] : []),
      ...(present(cost) ? [`$${String(cost)}`] : []),
      String(id),
    ].join(' · ');
  }
  return Object.entries(fields)
    .filter(([, value]) => present(value))
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}

function present(value: unknown): boolean {
  return value !== null && value !== undefined;
}
