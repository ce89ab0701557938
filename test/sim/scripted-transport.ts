import { textToBytes } from '../../src/base/bytes.ts';
import type { Clock, Transport } from '../../src/spec/ports.ts';
import type { Headers, TransportFailure, WireHandler, WireRequest } from '../../src/spec/wire.ts';

/** One thing that a scripted provider does. */
export type Step =
  | { readonly type: 'head'; readonly status: number; readonly headers: Headers }
  | { readonly type: 'say'; readonly text: string }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'end' }
  | { readonly type: 'break'; readonly failure: TransportFailure['type'] };

/** The head of an answer; without a content type it has none. */
export function head(status: number, contentType?: string): Step {
  return { type: 'head', status, headers: contentType === undefined ? [] : [['content-type', contentType]] };
}

/** A piece of a body. */
export function say(text: string): Step {
  return { type: 'say', text };
}

/** Silence. After the last step there is silence for ever. */
export function wait(ms: number): Step {
  return { type: 'wait', ms };
}

/** The same steps again and again, as often as any test could need them. */
export function again(...steps: readonly Step[]): readonly Step[] {
  return Array.from({ length: 1_000 }, () => steps).flat();
}

/** A network on which one provider answers every call by a script, step by step. */
export interface ScriptedTransport extends Transport {
  /** The calls that were made, with whether the gateway broke them off. */
  readonly calls: readonly { readonly request: WireRequest; readonly aborted: boolean }[];
}

/** Makes such a network. The clock is asked for late, because the world that has it needs the network first. */
export function scriptedTransport(clock: () => Clock, steps: readonly Step[]): ScriptedTransport {
  const calls: { request: WireRequest; aborted: boolean }[] = [];
  return {
    calls,
    send(request, handler) {
      const call = { request, aborted: false };
      calls.push(call);
      clock().after(1, () => play(clock(), steps, call, handler));
      return {
        pause: () => {},
        resume: () => {},
        abort: () => {
          call.aborted = true;
        },
      };
    },
    close: async () => {},
  };
}

// oxlint-disable-next-line max-params -- a script, and what plays it
function play(
  clock: Clock,
  steps: readonly Step[],
  call: { readonly aborted: boolean },
  handler: WireHandler,
): void {
  let at = 0;
  const next = (): void => {
    while (!call.aborted) {
      const step = steps[at];
      at += 1;
      if (step === undefined) return;
      if (step.type === 'wait') {
        clock.after(step.ms, next);
        return;
      }
      act(step, handler);
    }
  };
  next();
}

function act(step: Exclude<Step, { type: 'wait' }>, handler: WireHandler): void {
  switch (step.type) {
    case 'head':
      handler.onHead(step.status, step.headers);
      return;
    case 'say':
      handler.onData(textToBytes(step.text));
      return;
    case 'end':
      handler.onEnd();
      return;
    case 'break':
      handler.onFail({ type: step.failure, message: 'the connection broke', sent: true });
      return;
  }
}
