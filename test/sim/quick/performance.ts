import type { Headers, TransportFailure } from '../../../src/spec/wire.ts';
import type { Fault, ScriptProvider } from '../history/script.ts';
import type { Answer } from './answering.ts';
import { writeRefusal, writeStreamError, type Wire } from './wires.ts';

/** What happens on one call, in order: a head, pieces with the time before each, and how it ends. */
export interface Performance {
  /** Null: no head ever comes. */
  readonly headMs: number | null;
  readonly status: number;
  readonly headers: Headers;
  readonly pieces: readonly Piece[];
  readonly ending: 'whole' | 'hang' | TransportFailure['type'];
  /** What the answer asked for itself, where it is a refusal. */
  readonly retryAfterMs: number | null;
}

/** A piece of a body. */
export interface Piece {
  readonly afterMs: number;
  readonly bytes: string;
  /** `content`: the first of the answer's; `finish`: from here on it is known why it ended. */
  readonly marks: 'nothing' | 'content' | 'finish';
}

const STREAM: Headers = [['content-type', 'text/event-stream']];
const JSON_TYPE: Headers = [['content-type', 'application/json']];
const HTML: Headers = [['content-type', 'text/html']];

/** What a provider does with a call under a fault, or without one. */
export function perform(provider: ScriptProvider, answer: Answer, fault: Fault | null): Performance {
  if (fault === null) return plain(provider, answer);
  if (isSpoil(fault)) return spoiled(provider, answer, fault);
  switch (fault.type) {
    case 'refuse':
      return none('connect');
    case 'reset':
      return none('reset');
    case 'hang':
      return none('hang');
    case 'late-head':
      return { ...plain(provider, answer), headMs: provider.headMs + fault.ms };
    case 'status':
      return refusal(provider, fault);
    case 'html':
      return page(provider, HTML, '<html><title>502 Bad Gateway</title></html>');
    case 'garbage':
      return page(provider, answer.type === 'stream' ? STREAM : JSON_TYPE, 'data: {"choices":[{"ind');
  }
}

function none(ending: Performance['ending']): Performance {
  return { headMs: null, status: 0, headers: [], pieces: [], ending, retryAfterMs: null };
}

function page(provider: ScriptProvider, headers: Headers, body: string): Performance {
  const pieces: readonly Piece[] = [{ afterMs: 0, bytes: body, marks: 'nothing' }];
  return { headMs: provider.headMs, status: 200, headers, pieces, ending: 'whole', retryAfterMs: null };
}

function plain(provider: ScriptProvider, answer: Answer): Performance {
  const common = { headMs: provider.headMs, ending: 'whole', retryAfterMs: null } as const;
  switch (answer.type) {
    case 'refusal': {
      const body = writeRefusal(provider.wire, answer.refusal);
      const pieces: readonly Piece[] = [{ afterMs: 0, bytes: body, marks: 'nothing' }];
      return { ...common, status: answer.status, headers: JSON_TYPE, pieces };
    }
    case 'whole': {
      const pieces: readonly Piece[] = [{ afterMs: 0, bytes: answer.body, marks: 'finish' }];
      return { ...common, status: 200, headers: JSON_TYPE, pieces };
    }
    case 'stream': {
      const { events, contentAt, finishAt } = answer.written;
      const pieces = events.map((bytes, index): Piece => {
        const marks = index === contentAt ? 'content' : index >= finishAt ? 'finish' : 'nothing';
        return { afterMs: index === 0 ? 0 : provider.gapMs, bytes, marks };
      });
      return { ...common, status: 200, headers: STREAM, pieces };
    }
  }
}

function refusal(provider: ScriptProvider, fault: Extract<Fault, { type: 'status' }>): Performance {
  const { status, retryAfterMs } = fault;
  const bytes = writeRefusal(provider.wire, fault.refusal);
  const told: Headers = retryAfterMs === null ? [] : [toldAs(fault.told, retryAfterMs)];
  return {
    headMs: provider.headMs,
    status,
    headers: [...JSON_TYPE, ...told],
    pieces: [{ afterMs: 0, bytes, marks: 'nothing' }],
    ending: 'whole',
    retryAfterMs,
  };
}

function toldAs(form: 'retry-after' | 'retry-after-ms' | 'reset', ms: number): readonly [string, string] {
  switch (form) {
    case 'retry-after':
      return ['retry-after', String(Math.ceil(ms / 1_000))];
    case 'retry-after-ms':
      return ['retry-after-ms', String(ms)];
    case 'reset':
      return ['x-ratelimit-reset-requests', `${ms / 1_000}s`];
  }
}

const SPOILS = [
  'empty',
  'error-first',
  'slow',
  'dribble',
  'duplicate',
  'no-finish',
  'odd-finish',
  'cut',
] as const;
type Spoil = Extract<Fault, { type: (typeof SPOILS)[number] }>;

function isSpoil(fault: Fault): fault is Spoil {
  return SPOILS.some((type) => type === fault.type);
}

// Faults of an answer that began well: its pieces are changed, or end early.
function spoiled(provider: ScriptProvider, answer: Answer, fault: Spoil): Performance {
  const well = plain(provider, answer);
  const { pieces } = well;
  const streamed = answer.type === 'stream';
  switch (fault.type) {
    case 'slow':
      return {
        ...well,
        pieces: pieces.map((piece, index) => (index === 0 ? { ...piece, afterMs: fault.ms } : piece)),
      };
    case 'dribble':
      return { ...well, pieces: pieces.flatMap((piece) => halves(piece, fault.ms)) };
    case 'error-first':
      return {
        ...well,
        pieces: [{ afterMs: 0, bytes: inside(provider.wire, streamed), marks: 'nothing' }],
      };
    case 'empty':
      return { ...well, pieces: streamed ? emptied(pieces) : [] };
    case 'duplicate':
      return { ...well, pieces: streamed ? pieces.flatMap(twice) : pieces };
    case 'no-finish':
      return { ...well, pieces: pieces.filter(({ marks }) => marks !== 'finish') };
    case 'odd-finish':
      return { ...well, pieces: pieces.map(odd) };
    case 'cut':
      return cut(provider.wire, well, fault);
  }
}

function inside(wire: Wire, streamed: boolean): string {
  return streamed ? writeStreamError(wire) : writeRefusal(wire, 'server');
}

function halves(piece: Piece, ms: number): readonly Piece[] {
  const half = Math.floor(piece.bytes.length / 2);
  return [
    { ...piece, bytes: piece.bytes.slice(0, half), marks: 'nothing' },
    { ...piece, bytes: piece.bytes.slice(half), afterMs: ms },
  ];
}

function emptied(pieces: readonly Piece[]): readonly Piece[] {
  const content = pieces.findIndex(({ marks }) => marks === 'content');
  const finish = pieces.findIndex(({ marks }) => marks === 'finish');
  return content < 0 ? pieces : [...pieces.slice(0, content), ...pieces.slice(finish)];
}

function twice(piece: Piece): readonly Piece[] {
  return piece.marks === 'nothing' ? [piece, { ...piece, afterMs: 0 }] : [piece];
}

// A reason that nobody has heard of still says that the answer came to its end.
function odd(piece: Piece): Piece {
  const bytes = piece.bytes
    .replace('"finish_reason":"stop"', '"finish_reason":"eos"')
    .replace('"finishReason":"STOP"', '"finishReason":"ENDED"')
    .replace('"stop_reason":"end_turn"', '"stop_reason":"eos"');
  return { ...piece, bytes };
}

function cut(wire: Wire, well: Performance, { at, by, how }: Extract<Fault, { type: 'cut' }>): Performance {
  const left = by === 'event' ? firstEvents(well.pieces, at) : firstBytes(well.pieces, at);
  switch (how) {
    case 'truncated':
    case 'reset':
      return { ...well, pieces: left, ending: how };
    case 'end':
      return { ...well, pieces: left };
    case 'hang':
      return { ...well, pieces: left, ending: 'hang' };
    case 'error':
      return {
        ...well,
        pieces: [...left, { afterMs: 0, bytes: writeStreamError(wire), marks: 'nothing' }],
      };
  }
}

function firstEvents(pieces: readonly Piece[], share: number): readonly Piece[] {
  return pieces.slice(0, Math.floor(share * pieces.length));
}

function firstBytes(pieces: readonly Piece[], share: number): readonly Piece[] {
  let left = Math.floor(share * pieces.reduce((sum, { bytes }) => sum + bytes.length, 0));
  const kept: Piece[] = [];
  for (const piece of pieces) {
    if (left >= piece.bytes.length) kept.push(piece);
    else if (left > 0) kept.push({ ...piece, bytes: piece.bytes.slice(0, left), marks: 'nothing' });
    left -= piece.bytes.length;
    if (left <= 0) break;
  }
  return kept;
}
