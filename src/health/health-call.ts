import type { CallResult, HealthCall } from '../spec/health.ts';
import type { Clock } from '../spec/ports.ts';
import type { Begun, TargetRecord } from './target-record.ts';

/** A call under way. What is told twice is heard once. */
export class CallUnderWay implements HealthCall {
  readonly #record: TargetRecord;
  readonly #begun: Begun;
  readonly #clock: Clock;
  #firstTokenMs: number | null = null;
  #ended = false;

  constructor(record: TargetRecord, begun: Begun, clock: Clock) {
    this.#record = record;
    this.#begun = begun;
    this.#clock = clock;
  }

  firstToken(ms: number): void {
    if (this.#ended || this.#firstTokenMs !== null) return;
    this.#firstTokenMs = ms;
    this.#record.firstToken(this.#begun, ms, this.#clock.monotonicMs());
  }

  end(result: CallResult): void {
    if (this.#ended) return;
    if (result.type === 'answered') this.#learn(result.firstTokenMs, result.durationMs, result.outputTokens);
    this.#ended = true;
    this.#record.ended(this.#begun, result, this.#firstTokenMs !== null, this.#clock.monotonicMs());
  }

  #learn(firstTokenMs: number | null, durationMs: number, outputTokens: number | null): void {
    if (firstTokenMs !== null) this.firstToken(firstTokenMs);
    if (this.#firstTokenMs === null) {
      this.#record.answeredWhole(durationMs, this.#clock.monotonicMs());
      return;
    }
    if (outputTokens !== null) this.#record.latency?.streamed(outputTokens, durationMs - this.#firstTokenMs);
  }
}
