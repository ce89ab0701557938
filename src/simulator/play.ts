import type { Clock, Timer } from '../spec/ports.ts';
import type { TransportFailure, WireCall, WireHandler, WireRequest } from '../spec/wire.ts';
import type { AnswerScript, Script } from './script.ts';

/**
 * Plays a script to a transport's handler in the time of the clock, real or virtual. The handler is never called from
 * within `send`, as with a real network. States of a call: waiting for the head, sending pieces, paused, over.
 */
export function play(clock: Clock, script: Script, request: WireRequest, handler: WireHandler): WireCall {
  const player = new Player(clock, handler);
  player.start(script, request);
  return player;
}

class Player implements WireCall {
  readonly #clock: Clock;
  readonly #handler: WireHandler;
  #timer: Timer | null = null;
  #paused = false;
  /** What is due but waits for `resume`. */
  #held: (() => void) | null = null;
  #over = false;

  constructor(clock: Clock, handler: WireHandler) {
    this.#clock = clock;
    this.#handler = handler;
  }

  start(script: Script, request: WireRequest): void {
    if (script.type === 'refused') {
      this.#after(0, () => this.#fail('connect', 'the simulated provider refused the connection', false));
      return;
    }
    const headMs = script.type === 'answer' ? script.headDelayMs : 0;
    if (script.type === 'silent' || headMs >= request.headTimeoutMs) {
      const message = `no head came within ${request.headTimeoutMs} ms`;
      this.#after(request.headTimeoutMs, () => this.#fail('head-timeout', message, true));
    } else if (script.type === 'reset') {
      this.#after(script.delayMs, () =>
        this.#fail('reset', 'the connection was reset before a head came', true),
      );
    } else {
      this.#after(headMs, () => this.#head(script));
    }
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    const held = this.#held;
    this.#held = null;
    if (held !== null && !this.#over) this.#after(0, held);
  }

  abort(): void {
    this.#over = true;
    this.#held = null;
    this.#timer?.cancel();
  }

  #head(script: AnswerScript): void {
    this.#handler.onHead(script.status, script.headers);
    this.#next(script, 0);
  }

  // Pieces that are due at once are told in one go; a pause in between stops it.
  #next(script: AnswerScript, from: number): void {
    for (let index = from; !this.#over; index += 1) {
      const piece = script.pieces[index];
      const step = (): void => {
        if (piece === undefined) this.#finish(script);
        else this.#handler.onData(piece.bytes);
      };
      if (this.#paused || (piece?.delayMs ?? 0) > 0) {
        this.#after(piece?.delayMs ?? 0, () => {
          step();
          if (piece !== undefined) this.#next(script, index + 1);
        });
        return;
      }
      step();
      if (piece === undefined) return;
    }
  }

  #finish(script: AnswerScript): void {
    switch (script.ending) {
      case 'whole':
        this.#over = true;
        this.#handler.onEnd();
        return;
      case 'cut':
        this.#fail('truncated', 'the connection closed in the middle of the body', true);
        return;
      case 'reset':
        this.#fail('reset', 'the connection was reset in the middle of the body', true);
        return;
      case 'hang':
        return;
    }
  }

  #fail(type: TransportFailure['type'], message: string, sent: boolean): void {
    this.#over = true;
    this.#handler.onFail({ type, message, sent });
  }

  #after(ms: number, callback: () => void): void {
    this.#timer = this.#clock.after(ms, () => {
      if (this.#over) return;
      if (this.#paused) this.#held = callback;
      else callback();
    });
  }
}
