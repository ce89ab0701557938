import { describe, expect, it } from 'vitest';
import { stripVTControlCharacters } from 'node:util';
import { terminalLog } from './terminal-log.ts';

function recorded(level: Parameters<typeof terminalLog>[0]): {
  readonly log: ReturnType<typeof terminalLog>;
  readonly lines: () => readonly string[];
} {
  let text = '';
  const log = terminalLog(level, (line) => {
    text += line;
  });
  // The time of day is left out.
  const lines = (): readonly string[] =>
    stripVTControlCharacters(text)
      .replaceAll(/^\d\d:\d\d:\d\d {2}/gm, '')
      .split('\n')
      .slice(0, -1);
  return { log, lines };
}

describe('the log at a terminal', () => {
  it('shows of a request what a person looks for, also from a line whose members are JSON already', () => {
    const { log, lines } = recorded('info');
    log.line(
      'info',
      '"request_id":"req_1","ms":12.5,"first_token_ms":null,"cost_usd":0.5,"message":"smart: 200"',
    );
    log.warn('a/x failed: it is down.', { request_id: 'req_1', ms: 1.5, kind: 'upstream_unavailable' });
    expect(lines()).toEqual(['smart: 200 12.5 ms · $0.5 · req_1', 'a/x failed: it is down. 1.5 ms · req_1']);
  });

  it('shows all fields of other lines, and nothing for those that are absent', () => {
    const { log, lines } = recorded('info');
    log.info('read again', { path: 'a.yaml', why: null, changes: 'model m added' });
    log.info('plain');
    expect(lines()).toEqual(['read again path=a.yaml changes=model m added', 'plain']);
  });

  it('keeps to its level and lets nothing move the cursor', () => {
    const { log, lines } = recorded('warn');
    log.info('quiet');
    log.line('debug', '"message":"quieter"');
    log.error('bad\u001b[2J name', { target: 'x\u001b]0;title\u0007y' });
    expect(lines()).toEqual(['bad name target=xy']);
  });
});
