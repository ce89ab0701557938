import { assert } from '../base/assert.ts';
import type { Bytes } from '../base/bytes.ts';
import type { AttemptMove } from '../routing/move.ts';
import type { AttemptOutcome, ResumeMethod } from '../spec/attempt.ts';
import type { GatewayError } from '../spec/error.ts';
import type { HealthCall } from '../spec/health.ts';
import type { Usage } from '../spec/usage.ts';
import {
  header,
  type Headers,
  type TransportFailure,
  type WireCall,
  type WireHandler,
} from '../spec/wire.ts';
import { classifyTransport } from '../routing/classify.ts';
import { answerHeaders } from './answer-headers.ts';
import { askedOf } from './asked.ts';
import { attemptEntry } from './attempt-entry.ts';
import { AttemptWatch, type Watched } from './attempt-watch.ts';
import { callResult } from './call-result.ts';
import { CHARS_PER_TOKEN } from './facts.ts';
import { failedUsage, meteredUsage } from './meter.ts';
import type { AttemptParts, AttemptResult, Contender, Judge } from './contender.ts';
import { outgoing, type Outgoing } from './outgoing.ts';
import { receiverFor } from './receiver-for.ts';
import { Refusal } from './refusal.ts';
import { upstreamRequestId } from './upstream-request-id.ts';
import {
  NOTHING_COUNTED,
  type EmptyAnswer,
  type ReceivedAnswer,
  type ReceivedFailure,
  type Receiver,
  type ReceiverHost,
} from './receiver.ts';
import type { Admitted, RequestRun } from './request-run.ts';
import { thrownError } from './thrown.ts';
import { waitsFor, type Waits } from './waits.ts';

/** Makes one call to one target and sees it through: encode, send, decode, classify. Never rejects. */
export function makeAttempt(run: RequestRun, admitted: Admitted, move: AttemptMove): Promise<AttemptResult> {
  return new Promise((resolve) => {
    const attempt = new AttemptRun({ run, admitted, move, race: null }, resolve);
    attempt.start();
  });
}

/** The same among several; it begins with `start`, and `ended` is called exactly once. */
export function startAttempt(parts: AttemptParts, ended: (result: AttemptResult) => void): Contender {
  return new AttemptRun(parts, ended);
}

class AttemptRun implements WireHandler, ReceiverHost, Watched, Contender {
  readonly run: RequestRun;
  readonly #admitted: Admitted;
  readonly #move: AttemptMove;
  readonly #race: Judge | null;
  readonly #resolve: (result: AttemptResult) => void;
  readonly #startedAtMs: number;
  readonly #watch: AttemptWatch;
  readonly #waits: Waits;
  #prepared: Outgoing | null = null;
  #call: WireCall | null = null;
  #health: HealthCall | null = null;
  #receiver: Receiver | null = null;
  #status: number | null = null;
  #refusal: Refusal | null = null;
  #upstreamRequestId: string | null = null;
  #headMs: number | null = null;
  #told: GatewayError | null = null;
  #empty: EmptyAnswer | null = null;
  #settled = false;
  /** Whether our own patience ended it, before the target had the time that it would be granted at leisure. */
  #hurried = false;
  committed = false;

  constructor({ run, admitted, move, race }: AttemptParts, resolve: (result: AttemptResult) => void) {
    const { runtime, health } = run.ports;
    const { target } = move;
    this.run = run;
    this.#admitted = admitted;
    this.#move = move;
    this.#race = race;
    this.#resolve = resolve;
    this.#startedAtMs = run.nowMs();
    const asked = askedOf(run, admitted, target.address);
    const waits = waitsFor(target, health.baseline(target.address), asked);
    this.#watch = new AttemptWatch(runtime.clock, waits, this);
    this.#waits = waits;
  }

  get outgoing(): Outgoing {
    assert(this.#prepared !== null, 'an attempt is prepared before it receives');
    return this.#prepared;
  }

  get address(): string {
    return this.#move.target.address;
  }

  get resume(): ResumeMethod | null {
    return this.#move.resume;
  }

  start(): void {
    const { run } = this;
    const { target, keyIndex, purpose } = this.#move;
    try {
      this.#prepared = outgoing(run, this.#admitted, this.#move, this.#waits);
      if (this.#race === null) run.underWay = this;
      this.#watch.deadlineIn(this.#admitted.plan.deadlineAtMs - this.#startedAtMs);
      this.#health = run.ports.health.begin(target.address, keyIndex, purpose);
      run.calls += 1;
      run.firstCalled ??= target.address;
      this.#call = run.ports.runtime.transport.send(this.#prepared.wire, this);
    } catch (error) {
      this.#thrown(error);
    }
  }

  onHead(status: number, headers: Headers): void {
    if (this.#settled) return;
    this.#status = status;
    this.#headMs = this.#watch.elapsedMs();
    this.#upstreamRequestId = upstreamRequestId(headers);
    if (status < 200 || status > 299) {
      this.#refusal = new Refusal(status, headers);
      this.#watch.refusal();
      return;
    }
    this.#guarded(() => this.#receive(status, headers));
  }

  onData(bytes: Bytes): void {
    if (this.#settled) return;
    if (this.#receiver !== null) {
      if (!this.#admitted.stream) this.#watch.arrived();
      // Written out, because this runs for every piece of every stream.
      try {
        this.#receiver.data(bytes);
      } catch (error) {
        this.#thrown(error);
      }
    } else if (this.#refusal?.add(bytes) === false) this.#refused();
  }

  onEnd(): void {
    if (this.#settled) return;
    const receiver = this.#receiver;
    if (receiver !== null) this.#guarded(() => receiver.end(null));
    else this.#refused();
  }

  onFail(failure: TransportFailure): void {
    if (this.#settled) return;
    if (failure.type === 'head-timeout') this.#noteHurry();
    else if (failure.type === 'connect-timeout')
      this.#hurried = this.#waits.connectMs < this.#move.target.timeouts.connectMs;
    if (this.#refusal !== null) this.#refused();
    else this.#brokeOff({ kind: classifyTransport(failure), message: failure.message });
  }

  commit(): void {
    const { run } = this;
    this.#race?.won(this);
    this.committed = true;
    run.firstTokenMs ??= run.elapsedMs();
    const out = run.out;
    assert(out !== null, 'only a stream is committed piece by piece');
    if (out.opened) {
      const { resume, target } = this.#move;
      if (resume !== null) out.comment(`goes on at ${target.address} (${resume})`);
      return;
    }
    const { warnings } = this.outgoing;
    const headers = answerHeaders(run, {
      target: this.#move.target.address,
      upstreamRequestId: this.#upstreamRequestId,
      attempts: run.calls,
      warnings,
      costNanodollars: null,
    });
    out.open(headers);
  }

  send(bytes: Bytes): void {
    const { run } = this;
    run.answerBytes += bytes.length;
    if (run.out?.write(bytes) ?? true) return;
    this.#call?.pause();
    run.call.sink.onDrain(() => {
      this.#watch.drained();
      this.#call?.resume();
    });
  }

  progress(): void {
    if (this.#watch.progress()) this.#health?.firstToken(this.#watch.firstTokenMs ?? 0);
  }

  answered({ body, finish, usage, outputChars }: ReceivedAnswer): void {
    if (!this.#settled) this.#race?.won(this);
    this.#settle({ type: 'answered', finish }, meteredUsage(this.run, usage, outputChars), body);
  }

  emptied(answer: EmptyAnswer): void {
    this.#empty = answer;
    this.failed({ kind: 'upstream_empty', message: 'its answer ended without a word in it' });
  }

  failed({ kind, message, retryAfterMs }: ReceivedFailure): void {
    if (this.#settled) return;
    this.#call?.abort();
    const { committed } = this;
    const counted = this.#receiver?.counted() ?? NOTHING_COUNTED;
    // The loser of a race was being answered once its head had come.
    const begun = committed || (kind === 'hedge_lost' && this.#headMs !== null);
    const usage = failedUsage(this.run, counted, { begun, empty: this.#empty !== null });
    const status = this.#status;
    this.#settle(
      { type: 'failed', kind, message, status, retryAfterMs: retryAfterMs ?? null, committed },
      usage,
      null,
    );
  }

  get blocked(): boolean {
    return this.run.call.sink.blocked;
  }

  get whole(): boolean {
    return this.#receiver?.whole ?? false;
  }

  outputTokens(): number {
    const { usage, outputChars } = this.#receiver?.counted() ?? NOTHING_COUNTED;
    return Math.max(usage?.output ?? 0, outputChars / CHARS_PER_TOKEN);
  }

  tooSlow(message: string): void {
    this.#noteHurry();
    this.#brokeOff({ kind: 'upstream_timeout', message });
  }

  answerLate(message: string): void {
    this.#noteHurry();
    this.stalled(message);
  }

  stalled(message: string): void {
    this.failed({ kind: 'upstream_timeout', message });
  }

  refusalLate(): void {
    this.#refused();
  }

  deadlinePassed(): void {
    this.#brokeOff({ kind: 'deadline_exceeded', message: 'the time allowed for the whole request is over' });
  }

  /** The client went away, or the gateway itself ends the request. */
  abandon(): void {
    const message = this.run.interruption?.message ?? 'the client went away';
    this.#brokeOff({ kind: 'client_closed', message });
  }

  /** Another target was faster. */
  lose(): void {
    this.failed({ kind: 'hedge_lost', message: 'another target was faster' });
  }

  #receive(status: number, headers: Headers): void {
    const { stream } = this.#admitted;
    this.#receiver = receiverFor(this, header(headers, 'content-type') ?? '', stream);
    if (this.#receiver === null) this.#refusal = new Refusal(status, headers);
    if (stream) this.#watch.stream();
    else this.#watch.answer();
  }

  #refused(): void {
    const refusal = this.#refusal ?? new Refusal(0, []);
    const { failure, told } = refusal.read(this.run, this.outgoing);
    this.#told = told;
    this.failed(failure);
  }

  // What happens behind the end of an answer takes nothing away from it: some providers reset then, or never close.
  #brokeOff(failure: ReceivedFailure): void {
    const receiver = this.#receiver;
    this.#call?.abort();
    if (receiver === null) this.failed(failure);
    else this.#guarded(() => receiver.end(failure));
  }

  #noteHurry(): void {
    this.#hurried = this.#watch.elapsedMs() < this.#waits.fairMs;
  }

  // What a codec throws is a failure of this attempt; what our own code throws too, and is logged as such.
  #guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#thrown(error);
    }
  }

  #thrown(error: unknown): void {
    const failure = thrownError(error, this.run, this.address);
    this.#told = failure;
    this.failed({
      kind: failure.kind,
      message: failure.message,
      retryAfterMs: failure.detail.retryAfterMs ?? null,
    });
  }

  #settle(outcome: AttemptOutcome, usage: Usage | null, body: Bytes | null): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#watch.stop();
    const { run } = this;
    const durationMs = this.#watch.elapsedMs();
    const { firstTokenMs } = this.#watch;
    // Attempts that run against each other wait together; their race knows for how long.
    if (this.#race === null) {
      run.underWay = null;
      run.waitedMs += durationMs;
    }
    const hurried = this.#hurried;
    this.#health?.end(callResult(outcome, { firstTokenMs, durationMs, usage, hurried, resume: this.resume }));
    this.#resolve({
      body,
      told: this.#told,
      empty: this.#empty,
      attempt: attemptEntry({
        number: run.attempts.length + 1,
        move: this.#move,
        startedAtMs: this.#startedAtMs,
        headMs: this.#headMs,
        firstTokenMs,
        durationMs,
        outcome,
        usage,
        upstreamRequestId: this.#upstreamRequestId,
        warnings: this.#prepared?.warnings ?? [],
      }),
    });
  }
}
