import type { QueueConfig } from '../../../src/config/config.ts';
import { Answers } from '../../../src/idempotency/answers.ts';
import { createCrypto } from '../../../src/node/crypto.ts';
import type { JobRunner } from '../../../src/queue/ports.ts';
import { Queue } from '../../../src/queue/queue.ts';
import { webhookKey } from '../../../src/queue/signature.ts';
import type { GatewayEvent } from '../../../src/spec/event.ts';
import type { Clock, Transport } from '../../../src/spec/ports.ts';
import { seededRandom } from '../../../src/testing/seeded-random.ts';
import type { VirtualClock } from '../../../src/testing/virtual-clock.ts';
import { RecordingLog } from '../../../src/testing/recording-log.ts';
import type { AnswerDisk } from './answer-disk.ts';
import type { LifeFacts } from './facts.ts';
import { Line } from './line.ts';
import type { QueueDisk } from './queue-disk.ts';
import type { DurableScript } from './script.ts';

export interface LifeOptions {
  readonly number: number;
  readonly script: DurableScript;
  readonly clock: VirtualClock;
  readonly queueDisk: QueueDisk;
  readonly answerDisk: AnswerDisk;
  readonly runner: (life: Life) => JobRunner;
  readonly transport: (life: Life) => Pick<Transport, 'send'>;
  elapsedMs(): number;
}

/** A process with a queue, its worker and the kept answers. When it is dead, nothing that it began has any effect. */
export class Life implements LifeFacts {
  readonly number: number;
  readonly queue: Queue;
  readonly answers: Answers;
  /** Its clock: silent once it is dead. */
  readonly clock: Clock;
  readonly events: GatewayEvent[] = [];
  readonly #log = new RecordingLog();
  readonly #line: Line;
  readonly #stops = new Set<() => void>();
  ended: LifeFacts['ended'] = null;
  answersFaulty = false;
  draining = false;
  queueTookMs = 0;

  constructor(options: LifeOptions) {
    const { number, script, clock, queueDisk, answerDisk } = options;
    this.number = number;
    this.clock = {
      nowMs: () => clock.nowMs(),
      monotonicMs: () => clock.monotonicMs(),
      after: (ms, callback) =>
        clock.after(ms, () => {
          if (this.alive) callback();
        }),
    };
    const random = seededRandom(script.seed * 977 + number);
    const crypto = createCrypto();
    this.#line = new Line({
      script,
      clock,
      random,
      elapsedMs: () => options.elapsedMs(),
      alive: () => this.alive,
      onFault: (part) => {
        if (part === 'answers') this.answersFaulty = true;
      },
    });
    const around = { clock: this.clock, random, crypto, log: this.#log };
    this.queue = new Queue({
      ...around,
      config: { ...QUEUE, ...script.queue },
      store: queueDisk.seenFrom(this.#line, number),
      publish: (event) => {
        if (this.alive) this.events.push(event);
      },
      runner: options.runner(this),
      transport: options.transport(this),
      webhookKey: webhookKey('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'),
    });
    this.answers = new Answers({
      ...around,
      store: answerDisk.seenFrom(this.#line),
      deletes: 'on-time',
      config: () => ({ keepMs: 1_000_000_000, entriesMax: 1_000, answerBytesMax: 100_000 }),
    });
  }

  get alive(): boolean {
    return this.ended === null;
  }

  get lines(): RecordingLog['lines'] {
    return this.#log.lines;
  }

  /** Remembers how to break something off that is under way; gives what forgets it again. */
  underWay(stop: () => void): () => void {
    this.#stops.add(stop);
    return () => this.#stops.delete(stop);
  }

  /** Closes it as an instance is closed: the queue first, then what is under way, then the answers. */
  async close(graceMs: number): Promise<void> {
    this.draining = true;
    const fromMs = this.clock.monotonicMs();
    await this.queue.close(graceMs);
    this.queueTookMs = this.clock.monotonicMs() - fromMs;
    for (const stop of this.#stops) stop();
    await this.answers.close();
    if (this.alive) this.ended = 'drain';
  }

  /** It is dead at once. */
  async die(how: 'kill' | 'power'): Promise<void> {
    this.ended = how;
    await this.#line.cut();
  }
}

const QUEUE: QueueConfig = {
  enabled: true,
  concurrency: 4,
  waitingMax: 1_000,
  attemptsMax: 10,
  retryBaseMs: 5_000,
  retryMaxMs: 600_000,
  expiresMs: 86_400_000,
  leaseMs: 60_000,
  retentionMs: 7 * 86_400_000,
  webhookSecret: 'env:WEBHOOK_SECRET',
  webhookAllowPrivate: false,
  webhookGiveUpMs: 86_400_000,
};
