import { connect, type Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { readFileSync } from 'node:fs';
import { AnswerReader, requestText, type HttpRequest } from './http-text.ts';
import { percentile } from '../statistics.ts';

// A process of its own: sends requests on a fixed schedule, whatever the answers do, and prints how long they took.
// `node open-loop.ts FILE` where FILE holds a `Schedule` in JSON.

/** What to send, how often and how long. */
export interface Schedule {
  readonly request: HttpRequest;
  readonly perSecond: number;
  readonly seconds: number;
  /** Text whose arrival ends the measured time; null for the end of the answer. */
  readonly marker: string | null;
}

/** How long answers took, in milliseconds. */
export interface Latencies {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly count: number;
  readonly failed: number;
}

/** What is sent before this is not counted: connections and compilers are still cold. */
const WARM_UP_SECONDS = 1;
/** What has not been answered this long after the end counts as failed. */
const PATIENCE_MS = 3_000;

interface Connection {
  readonly socket: Socket;
  sentMs: number;
  counts: boolean;
  reader: AnswerReader;
  seen: string | null;
}

/** Sends on schedule over connections that are idle, and a new one whenever none is. */
class Generator {
  readonly #schedule: Schedule;
  readonly #text: string;
  readonly #idle: Connection[] = [];
  readonly #times: number[] = [];
  #sent = 0;
  #open = 0;
  #failed = 0;
  #startedMs = 0;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
    this.#text = requestText(schedule.request);
  }

  run(done: (latencies: Latencies) => void): void {
    this.#startedMs = performance.now();
    const { perSecond, seconds } = this.#schedule;
    const total = perSecond * (seconds + WARM_UP_SECONDS);
    const tick = (): void => {
      const elapsedMs = performance.now() - this.#startedMs;
      const due = Math.min(total, Math.floor((elapsedMs * perSecond) / 1000));
      while (this.#sent < due) this.#send();
      const over = elapsedMs > (seconds + WARM_UP_SECONDS) * 1000;
      const late = elapsedMs > (seconds + WARM_UP_SECONDS) * 1000 + PATIENCE_MS;
      if ((over && this.#open === 0) || late) done(this.#result());
      else setTimeout(tick, 1);
    };
    tick();
  }

  #send(): void {
    const counts = this.#sent >= this.#schedule.perSecond * WARM_UP_SECONDS;
    this.#sent += 1;
    this.#open += 1;
    const connection = this.#idle.pop() ?? this.#connect();
    connection.reader = new AnswerReader();
    connection.seen = this.#schedule.marker === null ? null : '';
    connection.counts = counts;
    connection.sentMs = performance.now();
    connection.socket.write(this.#text, 'latin1');
  }

  #connect(): Connection {
    const socket = connect({ port: this.#schedule.request.port, host: '127.0.0.1', noDelay: true });
    const connection: Connection = {
      socket,
      sentMs: 0,
      counts: false,
      reader: new AnswerReader(),
      seen: null,
    };
    socket.setEncoding('latin1');
    socket.on('data', (data: string) => this.#receive(connection, data));
    socket.on('error', () => {
      this.#failed += 1;
      this.#open -= 1;
    });
    return connection;
  }

  #receive(connection: Connection, data: string): void {
    const { reader } = connection;
    if (connection.seen !== null) {
      connection.seen += data;
      if (connection.seen.includes(this.#schedule.marker ?? '')) {
        connection.seen = null;
        this.#note(connection);
      }
    }
    if (!reader.push(data)) return;
    if (this.#schedule.marker === null) this.#note(connection);
    if (reader.status !== 200) this.#failed += 1;
    this.#open -= 1;
    this.#idle.push(connection);
  }

  #note({ counts, sentMs }: Connection): void {
    if (counts) this.#times.push(performance.now() - sentMs);
  }

  #result(): Latencies {
    const sorted = this.#times.toSorted((a, b) => a - b);
    const at = (share: number): number => percentile(sorted, share);
    const failed = this.#failed + this.#open;
    return { p50: at(0.5), p90: at(0.9), p99: at(0.99), count: sorted.length, failed };
  }
}

const schedule: Schedule = JSON.parse(
  readFileSync(parseArgs({ allowPositionals: true }).positionals[0] ?? '', 'utf8'),
);
new Generator(schedule).run((latencies) => {
  console.log(JSON.stringify(latencies));
  process.exit(0);
});
