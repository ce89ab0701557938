import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { parseArgs } from 'node:util';
import { requestText, type HttpRequest } from './http-text.ts';

// A process of its own: opens streams, says so on standard output when each has begun, and holds them until it is ended.
// `node open-streams.ts FILE` where FILE holds `StreamsToOpen` in JSON.

export interface StreamsToOpen {
  readonly request: HttpRequest;
  readonly count: number;
  /** Text that shows that a stream has begun. */
  readonly marker: string;
}

/** Streams that are being opened at the same time. */
const AT_ONCE = 64;

const OK = 'HTTP/1.1 200';

const file = parseArgs({ allowPositionals: true }).positionals[0] ?? '';
const { request, count, marker }: StreamsToOpen = JSON.parse(readFileSync(file, 'utf8'));
const text = requestText(request);
let opened = 0;
let begun = 0;

for (let i = 0; i < Math.min(AT_ONCE, count); i += 1) open();
process.on('SIGTERM', () => process.exit(0));

function open(): void {
  opened += 1;
  let seen = '';
  const socket = connect({ port: request.port, host: '127.0.0.1', noDelay: true });
  socket.setEncoding('latin1');
  socket.on('connect', () => socket.write(text, 'latin1'));
  socket.on('data', (data: string) => {
    if (seen === marker) return;
    seen += data;
    if (!seen.startsWith(OK.slice(0, seen.length))) fail(`an answer was not 200: ${seen.slice(0, 1000)}`);
    if (!seen.includes(marker)) return;
    seen = marker;
    next();
  });
  socket.on('error', (error) => fail(error.message));
  socket.on('close', () => fail(`a stream was closed; it had said: ${seen.slice(0, 1000)}`));
}

function next(): void {
  begun += 1;
  if (opened < count) open();
  else if (begun === count) console.log('OPEN');
}

function fail(reason: string): void {
  console.log(`FAILED after ${begun} of ${count} streams: ${reason}`);
  process.exit(1);
}
