import { EMPTY_BYTES, textToBytes } from '../../base/bytes.ts';
import type { Headers } from '../../spec/wire.ts';
import { refuse } from '../refusal.ts';
import type { AnswerScript, Ending, Script } from '../script.ts';
import type { WireName } from '../settings.ts';
import type { CatalogueEntry, FaultKind } from './fault.ts';
import { statusRefusal } from './status-errors.ts';

/** What a fault needs to know about the request it meets. */
export interface FaultFacts {
  readonly wire: WireName;
  readonly model: string;
  readonly nowMs: number;
  readonly requestSeed: string;
}

/** The script of a fault that replaces the answer altogether; null for faults that spoil a real answer. */
export function replacement(fault: FaultKind, facts: FaultFacts): Script | null {
  switch (fault.type) {
    case 'down':
    case 'connection-refused':
      return { type: 'refused' };
    case 'reset-before-head':
      return { type: 'reset', delayMs: 0 };
    case 'hang-before-head':
      return { type: 'silent' };
    case 'status':
      return refuse(
        facts.wire,
        statusRefusal(facts.wire, fault.error, fault.retryAfter, facts),
        facts.requestSeed,
      );
    case 'html-502':
      return page(502, HTML, BAD_GATEWAY, 'whole');
    case 'empty-body':
      return page(200, [['content-type', 'application/json']], '', 'whole');
    case 'replay':
      return replayed(fault.entry);
    default:
      return null;
  }
}

const HTML: Headers = [
  ['content-type', 'text/html'],
  ['server', 'cloudflare'],
];

const BAD_GATEWAY =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n';

/** An answer of one piece. */
function page(status: number, headers: Headers, body: string, ending: Ending): AnswerScript {
  const bytes = body === '' ? EMPTY_BYTES : textToBytes(body);
  const pieces = body === '' ? [] : [{ delayMs: 0, bytes }];
  return { type: 'answer', headDelayMs: 0, status, headers, pieces, ending };
}

// Entries without a status say in their body, in words, what happens to the connection.
function replayed(entry: CatalogueEntry): Script {
  if (entry.status !== null) {
    const broken = entry.phase === 'stream' && !entry.body.replaceAll('\r\n', '\n').endsWith('\n\n');
    return page(entry.status, Object.entries(entry.headers), entry.body, broken ? 'cut' : 'whole');
  }
  for (const [pattern, script] of CONNECTION_FAULTS) {
    if (pattern.test(`${entry.id} ${entry.body}`)) return script;
  }
  return { type: 'refused' };
}

const SILENT: Script = { type: 'silent' };
const RESET: Script = { type: 'reset', delayMs: 0 };

const CONNECTION_FAULTS: readonly (readonly [words: RegExp, script: Script])[] = [
  [/reset-after-headers/, page(200, [['content-type', 'application/json']], '', 'reset')],
  [/hang-body|midstream|dribble/, page(200, [['content-type', 'text/event-stream']], '', 'hang')],
  [/hang|timeout|EAI_AGAIN|black hole/i, SILENT],
  [/reset|RST|keepalive|closed|GOAWAY/, RESET],
];
