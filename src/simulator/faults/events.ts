import { textToBytes, type Bytes } from '../../base/bytes.ts';
import { brandText } from '../../base/brand.ts';
import type { WireEvent } from '../../spec/wire.ts';
import { envelope } from '../refusal.ts';
import type { AnswerScript, Ending, Piece } from '../script.ts';
import type { FaultFacts } from './before.ts';
import type { FaultKind } from './fault.ts';
import { statusRefusal } from './status-errors.ts';

/** An event of a stream and how long after the one before it is sent. */
export interface TimedEvent {
  readonly delayMs: number;
  readonly event: WireEvent;
}

/** A stream before it becomes bytes. */
export interface TimedStream {
  readonly events: readonly TimedEvent[];
  readonly ending: Ending;
}

/** Does to the events of a stream what a fault of the stream does; others leave it as it is. */
export function spoilEvents(stream: TimedStream, fault: FaultKind | null, facts: FaultFacts): TimedStream {
  switch (fault?.type) {
    case 'hang-mid-stream':
      return { events: stream.events.slice(0, fault.afterEvents), ending: 'hang' };
    case 'cut-mid-stream':
      return { events: stream.events.slice(0, fault.afterEvents), ending: 'cut' };
    case 'reset-mid-stream':
      return { events: stream.events.slice(0, fault.afterEvents), ending: 'reset' };
    case 'error-mid-stream':
      return { events: [...stream.events.slice(0, fault.afterEvents), errorEvent(facts)], ending: 'whole' };
    case 'error-in-200':
      return { events: [errorEvent(facts)], ending: 'whole' };
    case 'duplicate-events':
      return { ...stream, events: stream.events.flatMap(twice) };
    default:
      return stream;
  }
}

/** Does to the bytes of an answer, streamed or whole, what a fault of the body does. */
export function spoilBody(script: AnswerScript, fault: FaultKind | null): AnswerScript {
  switch (fault?.type) {
    case 'truncated-json':
      return { ...script, pieces: half(script.pieces) };
    case 'dribble':
      return { ...script, pieces: script.pieces.flatMap((piece) => bytesOf(piece, fault.byteMs)) };
    case 'wrong-content-type': {
      const headers = script.headers.filter(([name]) => name !== 'content-type');
      return { ...script, headers: [...headers, ['content-type', 'text/plain']] };
    }
    default:
      return script;
  }
}

/** Does to a whole JSON answer what faults in the middle of a stream come to there. */
export function spoilWhole(script: AnswerScript, fault: FaultKind | null, facts: FaultFacts): AnswerScript {
  switch (fault?.type) {
    case 'hang-mid-stream':
      return { ...script, pieces: half(script.pieces), ending: 'hang' };
    case 'cut-mid-stream':
      return { ...script, pieces: half(script.pieces), ending: 'cut' };
    case 'reset-mid-stream':
      return { ...script, pieces: half(script.pieces), ending: 'reset' };
    case 'error-mid-stream':
    case 'error-in-200':
      return { ...script, pieces: [{ delayMs: 0, bytes: textToBytes(JSON.stringify(errorBody(facts))) }] };
    default:
      return script;
  }
}

// Both providers' documentation and issue threads show overload as the usual error inside a stream.
function errorEvent(facts: FaultFacts): TimedEvent {
  const name = facts.wire === 'messages' ? 'error' : '';
  return { delayMs: 0, event: { name, data: JSON.stringify(errorBody(facts)) } };
}

function errorBody(facts: FaultFacts): ReturnType<typeof envelope> {
  const error = facts.wire === 'messages' ? 'overloaded' : 'internal';
  return envelope(facts.wire, statusRefusal(facts.wire, error, undefined, facts), `req_${facts.requestSeed}`);
}

function twice(timed: TimedEvent): readonly TimedEvent[] {
  return [timed, { delayMs: 0, event: timed.event }];
}

// The first half of all bytes; a stream loses its later pieces.
function half(pieces: readonly Piece[]): readonly Piece[] {
  let left = Math.floor(pieces.reduce((sum, piece) => sum + piece.bytes.length, 0) / 2);
  const kept: Piece[] = [];
  for (const piece of pieces) {
    if (left <= 0) break;
    kept.push({ ...piece, bytes: brandText<Bytes>(piece.bytes.slice(0, left)) });
    left -= piece.bytes.length;
  }
  return kept;
}

function bytesOf(piece: Piece, byteMs: number): readonly Piece[] {
  return Array.from(piece.bytes).map((byte, index) => ({
    delayMs: index === 0 ? piece.delayMs + byteMs : byteMs,
    bytes: brandText<Bytes>(byte),
  }));
}
