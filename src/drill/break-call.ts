import { textToBytes } from '../base/bytes.ts';
import { WIRES } from '../simulator/wires.ts';
import { replacement, type FaultFacts } from '../simulator/faults/before.ts';
import { spoilEvents, spoilWhole } from '../simulator/faults/events.ts';
import type { FaultKind } from '../simulator/faults/fault.ts';
import { play } from '../simulator/play.ts';
import type { AnswerScript, Ending, Script } from '../simulator/script.ts';
import { WIRE_NAMES, type WireName } from '../simulator/settings.ts';
import type { GenerateRequest } from '../spec/generate.ts';
import type { Clock, Transport } from '../spec/ports.ts';
import { UNKNOWN_USAGE } from '../spec/usage.ts';
import type { WireCall, WireHandler, WireRequest } from '../spec/wire.ts';
import { callFacts, type CallFacts } from './call-facts.ts';
import { SlowedCall, type Slowness } from './slowed-call.ts';
import { RelabelledCall, SpoiledCall, type ChooseSpoiler } from './spoiled-call.ts';
import {
  CutStream,
  DoubledStream,
  HalfBody,
  ReplacedBody,
  TruncatedStream,
  UnfinishedStream,
} from './spoilers.ts';

/** A call that meets a fault. */
export interface BrokenCall {
  readonly fault: FaultKind;
  /** Wire of the provider, in which it would refuse. */
  readonly wire: WireName;
  readonly request: WireRequest;
  readonly handler: WireHandler;
  readonly inner: Transport;
  readonly clock: Clock;
  /** Makes ids of invented answers. */
  readonly seed: string;
}

/** The wire of a provider by the id of its protocol; null where no fault can be made in it. */
export function wireOf(protocolId: string): WireName | null {
  return WIRE_NAMES.find((name) => WIRES[name].protocol.id === protocolId) ?? null;
}

/**
 * Does to a call what the fault does. A fault that needs no real answer is made in front of the provider, who never hears of
 * the call; one in the middle of an answer lets the real answer through and breaks it.
 */
export function breakCall(broken: BrokenCall): WireCall {
  const { wire, request, seed, clock } = broken;
  const call = callFacts(request);
  const facts: FaultFacts = { wire, model: call.model, nowMs: clock.nowMs(), requestSeed: seed };
  const script = invented(broken.fault, call, facts);
  if (script !== null) return play(clock, script, request, broken.handler);
  return passing(broken, facts);
}

// What is answered in place of the provider; null where its own answer is needed.
function invented(fault: FaultKind, call: CallFacts, facts: FaultFacts): Script | null {
  if (fault.type === 'error-in-200') return call.stream ? errorStream(facts) : errorBody(facts);
  if (fault.type === 'empty-completion') return call.generates ? emptyAnswer(call, facts) : null;
  return replacement(fault, facts);
}

function errorStream(facts: FaultFacts): AnswerScript {
  return answer('text/event-stream', errorEvent(facts));
}

function errorBody(facts: FaultFacts): AnswerScript {
  return spoilWhole(answer('application/json', ''), { type: 'error-in-200' }, facts);
}

// The error event of the wire, as it stands in a stream.
function errorEvent(facts: FaultFacts): string {
  const { events } = spoilEvents({ events: [], ending: 'whole' }, { type: 'error-in-200' }, facts);
  return WIRES[facts.wire].protocol.downstream.frame(events.map(({ event }) => event));
}

function answer(type: string, body: string): AnswerScript {
  const pieces = [{ delayMs: 0, bytes: textToBytes(body) }];
  const headers = [['content-type', type]] as const;
  return { type: 'answer', headDelayMs: 0, status: 200, headers, pieces, ending: 'whole' };
}

// A proper answer of the wire with nothing in it.
function emptyAnswer({ model, stream }: CallFacts, { wire, nowMs, requestSeed }: FaultFacts): AnswerScript {
  const { downstream } = WIRES[wire].protocol;
  const request: GenerateRequest = { model, stream, messages: [], tools: [] };
  const createdAtS = Math.floor(nowMs / 1000);
  const context = { requestId: requestSeed, model, createdAtS, request, inputTokensEstimate: 0 };
  const usage = { ...UNKNOWN_USAGE, input: 0, output: 0 };
  const finish = { reason: 'stop' } as const;
  if (!stream) {
    const result = { id: requestSeed, model, parts: [], finish, usage };
    return answer('application/json', JSON.stringify(downstream.encodeResult(result, context)));
  }
  const pump = downstream.encodeStream(context);
  const events = [
    ...pump.push({ type: 'start', id: requestSeed, model }),
    ...pump.push({ type: 'usage', usage }),
    ...pump.push({ type: 'finish', finish }),
    ...pump.end(),
  ];
  return answer('text/event-stream', downstream.frame(events));
}

function passing(broken: BrokenCall, facts: FaultFacts): WireCall {
  const { fault, request, handler, inner } = broken;
  switch (fault.type) {
    case 'slow-first-token':
      return slowed(broken, { delayMs: fault.delayMs, bytesAtOnce: null });
    case 'dribble':
      return slowed(broken, { delayMs: fault.byteMs, bytesAtOnce: 1 });
    case 'wrong-content-type':
      return inner.send(request, new RelabelledCall(handler, [['content-type', 'text/plain']]));
    case 'hang-mid-stream':
      return spoiled(broken, cut(fault.afterEvents, 'hang'));
    case 'cut-mid-stream':
      return spoiled(broken, cut(fault.afterEvents, 'cut'));
    case 'reset-mid-stream':
      return spoiled(broken, cut(fault.afterEvents, 'reset'));
    case 'error-mid-stream':
      return spoiled(broken, (streamed) =>
        streamed
          ? new CutStream(fault.afterEvents, errorEvent(facts), 'whole')
          : new ReplacedBody(
              errorBody(facts)
                .pieces.map(({ bytes }) => bytes)
                .join(''),
            ),
      );
    case 'truncated-json':
      return spoiled(broken, (streamed) =>
        streamed ? new TruncatedStream(TRUNCATED_AFTER_EVENTS) : new HalfBody('whole'),
      );
    case 'missing-finish':
      return spoiled(broken, (streamed) => (streamed ? new UnfinishedStream(facts.wire) : null));
    case 'duplicate-events':
      return spoiled(broken, (streamed) => (streamed ? new DoubledStream() : null));
    // The others were answered in front of the provider, or mean nothing for a call of this kind.
    default:
      return inner.send(request, handler);
  }
}

const TRUNCATED_AFTER_EVENTS = 5;

function cut(afterEvents: number, ending: Ending): ChooseSpoiler {
  return (streamed) => (streamed ? new CutStream(afterEvents, '', ending) : new HalfBody(ending));
}

function spoiled({ request, handler, inner }: BrokenCall, choose: ChooseSpoiler): WireCall {
  const call = new SpoiledCall(handler, choose);
  call.start(request, inner);
  return call;
}

function slowed({ request, handler, inner, clock }: BrokenCall, slowness: Slowness): WireCall {
  const call = new SlowedCall(handler, clock, slowness);
  call.start(request, inner);
  return call;
}
