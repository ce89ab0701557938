import { assert } from '../base/assert.ts';
import { brandText } from '../base/brand.ts';
import type { Bytes } from '../base/bytes.ts';
import { brokenOffUsage, knownCost, meteredUsage } from './meter.ts';
import type { ProviderFailure } from '../protocols/protocol.ts';
import type { AttemptMove } from '../routing/next-move.ts';
import type { Attempt, AttemptOutcome } from '../spec/attempt.ts';
import { GatewayError } from '../spec/error.ts';
import type { Usage } from '../spec/usage.ts';
import type { Timer } from '../spec/ports.ts';
import {
  header,
  type Headers,
  type TransportFailure,
  type WireCall,
  type WireHandler,
} from '../spec/wire.ts';
import { classifyTransport } from '../routing/classify.ts';
import { answerHeaders } from './answer-headers.ts';
import { outgoing, type Outgoing } from './outgoing.ts';
import { opening, WholeReceiver } from './receive-whole.ts';
import { ThroughReceiver } from './receive-through.ts';
import { TranslatedReceiver } from './receive-translated.ts';
import { UnnamedReceiver } from './receive-unnamed.ts';
import { upstreamRequestId } from './upstream-request-id.ts';
import type { Counted, ReceivedAnswer, ReceivedFailure, Receiver, ReceiverHost } from './receiver.ts';
import { asGatewayError, type Abandonable, type Admitted, type RequestRun } from './request-run.ts';

/** Longest error body that is read. */
const ERROR_BYTES_MAX = 256 * 1024;
/** How often a stream is checked for silence: a share of the limit, so that the check costs nothing per chunk. */
const CHECKS_PER_LIMIT = 4;
/** How long a connection may stay open behind the end of its answer. */
const CLOSING_MS = 1_000;

/** What an attempt came to: its entry in the log, and the body where the answer is not streamed. */
export interface AttemptResult {
  readonly attempt: Attempt;
  readonly body: Bytes | null;
  /** The error itself, where it has particulars for the caller that the log has no place for. */
  readonly told: GatewayError | null;
}

/** Makes one call to one target and sees it through: encode, send, decode, classify. Never rejects. */
export function makeAttempt(run: RequestRun, admitted: Admitted, move: AttemptMove): Promise<AttemptResult> {
  return new Promise((resolve) => {
    const attempt = new AttemptRun(run, admitted, move, resolve);
    attempt.start();
  });
}

class AttemptRun implements WireHandler, ReceiverHost, Abandonable {
  readonly run: RequestRun;
  readonly #admitted: Admitted;
  readonly #move: AttemptMove;
  readonly #resolve: (result: AttemptResult) => void;
  readonly #startedAtMs: number;
  readonly #startedMs: number;
  #prepared: Outgoing | null = null;
  #call: WireCall | null = null;
  #receiver: Receiver | null = null;
  #status: number | null = null;
  #errorHeaders: Headers = [];
  #errorBody = '';
  #upstreamRequestId: string | null = null;
  #headMs: number | null = null;
  #firstTokenMs: number | null = null;
  #progressMs: number;
  #watch: Timer | null = null;
  #deadline: Timer | null = null;
  #told: GatewayError | null = null;
  #settled = false;
  committed = false;

  constructor(
    run: RequestRun,
    admitted: Admitted,
    move: AttemptMove,
    resolve: (result: AttemptResult) => void,
  ) {
    const { clock } = run.ports.runtime;
    this.run = run;
    this.#admitted = admitted;
    this.#move = move;
    this.#resolve = resolve;
    this.#startedAtMs = run.nowMs();
    this.#startedMs = clock.monotonicMs();
    this.#progressMs = this.#startedMs;
  }

  get outgoing(): Outgoing {
    assert(this.#prepared !== null, 'an attempt is prepared before it receives');
    return this.#prepared;
  }

  start(): void {
    const { run } = this;
    try {
      this.#prepared = outgoing(run, this.#admitted, this.#move);
      run.underWay = this;
      const left = this.#admitted.plan.deadlineAtMs - this.#startedAtMs;
      this.#deadline = run.ports.runtime.clock.after(Math.max(1, left), () => this.#deadlinePassed());
      this.#call = run.ports.runtime.transport.send(this.#prepared.wire, this);
    } catch (error) {
      this.#thrown(error);
    }
  }

  onHead(status: number, headers: Headers): void {
    if (this.#settled) return;
    this.#status = status;
    this.#headMs = this.#elapsedMs();
    this.#upstreamRequestId = upstreamRequestId(headers);
    if (status < 200 || status > 299) {
      this.#errorHeaders = headers;
      this.#watchRefusal();
      return;
    }
    this.#guarded(() => this.#openReceiver(headers));
  }

  onData(bytes: Bytes): void {
    if (this.#settled) return;
    if (this.#receiver !== null) {
      // Written out, because this runs for every piece of every stream.
      try {
        this.#receiver.data(bytes);
      } catch (error) {
        this.#thrown(error);
      }
    } else {
      this.#errorBody += bytes;
      if (this.#errorBody.length > ERROR_BYTES_MAX) this.#refused();
    }
  }

  onEnd(): void {
    if (this.#settled) return;
    const receiver = this.#receiver;
    if (receiver !== null) this.#guarded(() => receiver.end(null));
    else this.#refused();
  }

  onFail(failure: TransportFailure): void {
    if (this.#settled) return;
    if (this.#receiver === null && this.#status !== null) this.#refused();
    else this.#brokeOff({ kind: classifyTransport(failure), message: failure.message });
  }

  commit(): void {
    const { run } = this;
    this.committed = true;
    run.opened = true;
    run.firstTokenMs = run.elapsedMs();
    const { warnings } = this.outgoing;
    const headers = answerHeaders(run, {
      target: this.#move.target.address,
      upstreamRequestId: this.#upstreamRequestId,
      attempts: run.attempts.length + 1,
      warnings,
      costNanodollars: null,
    });
    run.call.sink.open(headers);
  }

  send(bytes: Bytes): void {
    const { run } = this;
    run.answerBytes += bytes.length;
    if (run.call.sink.write(bytes)) return;
    this.#call?.pause();
    run.call.sink.onDrain(() => {
      this.#progressMs = run.ports.runtime.clock.monotonicMs();
      this.#call?.resume();
    });
  }

  progress(): void {
    this.#progressMs = this.run.ports.runtime.clock.monotonicMs();
    this.#firstTokenMs ??= this.#progressMs - this.#startedMs;
  }

  answered({ body, finish, usage, outputChars }: ReceivedAnswer): void {
    this.#settle({ type: 'answered', finish }, meteredUsage(this.run, usage, outputChars), body);
  }

  failed({ kind, message, retryAfterMs }: ReceivedFailure): void {
    if (this.#settled) return;
    this.#call?.abort();
    const { committed } = this;
    const counted = this.#receiver?.counted() ?? NOTHING_COUNTED;
    const usage = committed ? brokenOffUsage(this.run, counted) : counted.usage;
    const status = this.#status;
    this.#settle(
      { type: 'failed', kind, message, status, retryAfterMs: retryAfterMs ?? null, committed },
      usage,
      null,
    );
  }

  #openReceiver(headers: Headers): void {
    const type = header(headers, 'content-type') ?? '';
    const whole = (): Receiver => new WholeReceiver(this);
    const streamed = (): Receiver =>
      this.outgoing.through ? new ThroughReceiver(this) : new TranslatedReceiver(this);
    if (!this.#admitted.stream || type.includes('json')) this.#receiver = whole();
    else if (type.includes('event-stream')) this.#receiver = streamed();
    else if (type.includes('html')) this.#errorHeaders = headers;
    else this.#receiver = new UnnamedReceiver({ whole, streamed });
    if (this.#admitted.stream) this.#watchSilence();
    else this.#watchAnswer();
  }

  // The provider answered with something that is no answer: an error status, or a web page.
  #refused(): void {
    const body = brandText<Bytes>(this.#errorBody);
    const status = this.#status ?? 0;
    if (status >= 200 && status <= 299) {
      this.failed({ kind: 'upstream_garbled', message: `its answer is a web page: ${opening(body)}` });
      return;
    }
    const { protocol, through } = this.outgoing;
    const failure = protocol.upstream.decodeError(status, this.#errorHeaders, body);
    // What was refused are the client's own bytes, so it understands what the provider names of them.
    if (through && failure.kind === 'invalid_request') this.#told = namedRefusal(failure, status);
    this.failed(failure);
  }

  // One timer looks now and then whether content still comes; a chunk only notes the time.
  #watchSilence(): void {
    const { timeouts } = this.#move.target;
    const limit = this.#firstTokenMs === null ? timeouts.firstTokenMs : timeouts.idleMs;
    this.#watch = this.run.ports.runtime.clock.after(Math.max(1, limit / CHECKS_PER_LIMIT), () => {
      if (this.#settled) return;
      const silentMs = this.run.ports.runtime.clock.monotonicMs() - this.#progressMs;
      const allowed = this.#firstTokenMs === null ? timeouts.firstTokenMs : timeouts.idleMs;
      const over = silentMs >= (this.#receiver?.whole === true ? Math.min(CLOSING_MS, allowed) : allowed);
      if (!over || this.run.call.sink.blocked) this.#watchSilence();
      else this.#brokeOff({ kind: 'upstream_timeout', message: this.#silence(allowed) });
    });
  }

  // An answer that is not streamed must be whole in time: bytes that dribble in are no progress.
  #watchAnswer(): void {
    const { answerMs } = this.#move.target.timeouts;
    this.#watch = this.run.ports.runtime.clock.after(Math.max(1, answerMs - this.#elapsedMs()), () => {
      this.failed({ kind: 'upstream_timeout', message: `its answer was not complete within ${answerMs} ms` });
    });
  }

  // What an error says is worth a short wait, not the whole of the time that another target could use.
  #watchRefusal(): void {
    const { idleMs } = this.#move.target.timeouts;
    this.#watch = this.run.ports.runtime.clock.after(idleMs, () => this.#refused());
  }

  #silence(limitMs: number): string {
    return this.#firstTokenMs === null
      ? `no content came within ${limitMs} ms`
      : `its stream was silent for ${limitMs} ms`;
  }

  #deadlinePassed(): void {
    this.#brokeOff({ kind: 'deadline_exceeded', message: 'the time allowed for the whole request is over' });
  }

  /** The client went away. */
  abandon(): void {
    this.#brokeOff({ kind: 'client_closed', message: 'the client went away' });
  }

  // What happens behind the end of an answer takes nothing away from it: some providers reset then, or never close.
  #brokeOff(failure: ReceivedFailure): void {
    const receiver = this.#receiver;
    this.#call?.abort();
    if (receiver === null) this.failed(failure);
    else this.#guarded(() => receiver.end(failure));
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
    const failure: GatewayError = asGatewayError(error);
    this.#told = failure;
    if (failure.kind === 'internal') {
      const cause =
        failure.cause instanceof Error ? (failure.cause.stack ?? failure.cause.message) : String(error);
      this.run.ports.runtime.log.error('an attempt failed on a fault of our own', {
        requestId: this.run.id,
        target: this.#move.target.address,
        cause,
      });
    }
    this.failed({
      kind: failure.kind,
      message: failure.message,
      retryAfterMs: failure.detail.retryAfterMs ?? null,
    });
  }

  #elapsedMs(): number {
    return this.run.ports.runtime.clock.monotonicMs() - this.#startedMs;
  }

  #settle(outcome: AttemptOutcome, usage: Usage | null, body: Bytes | null): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#watch?.cancel();
    this.#deadline?.cancel();
    const { run } = this;
    const { target, keyIndex } = this.#move;
    const durationMs = this.#elapsedMs();
    run.underWay = null;
    run.waitedMs += durationMs;
    this.#resolve({
      body,
      told: this.#told,
      attempt: {
        number: run.attempts.length + 1,
        target: target.address,
        provider: target.provider,
        model: target.model,
        keyIndex,
        purpose: this.#move.purpose,
        resume: this.#move.resume,
        startedAtMs: this.#startedAtMs,
        headMs: this.#headMs,
        firstTokenMs: this.#firstTokenMs,
        durationMs,
        outcome,
        usage,
        costNanodollars: usage === null ? null : knownCost(usage, target.price),
        upstreamRequestId: this.#upstreamRequestId,
        warnings: this.#prepared?.warnings ?? [],
      },
    });
  }
}

const NOTHING_COUNTED: Counted = { usage: null, outputChars: 0 };

// Codes that are types say nothing that the status does not.
function namedRefusal({ kind, message, code, field }: ProviderFailure, upstreamStatus: number): GatewayError {
  return new GatewayError(kind, message, {
    providerMessage: message,
    upstreamStatus,
    ...(code === null || code.endsWith('_error') ? {} : { code }),
    ...(field === undefined ? {} : { field }),
  });
}
