import { textToBytes, type Bytes } from '../base/bytes.ts';
import type { JsonObject } from '../base/json.ts';
import { describe, expect, it } from 'vitest';
import { SseDecoder, toWireEvent } from '../protocols/framing/sse.ts';
import { FAULT_NAMES, faultNamed } from '../simulator/faults/names.ts';
import type { FaultKind } from '../simulator/faults/fault.ts';
import { INSTANT_PACE, WIRE_NAMES, type WireName } from '../simulator/settings.ts';
import { createSimulator } from '../simulator/simulator.ts';
import { WIRES } from '../simulator/wires.ts';
import { UNKNOWN_CAPABILITIES } from '../spec/model.ts';
import type { Transport } from '../spec/ports.ts';
import { NO_QUIRKS } from '../spec/provider.ts';
import type { StreamPart } from '../spec/stream.ts';
import type { Headers, TransportFailure, WireHandler, WireRequest } from '../spec/wire.ts';
import { virtualRuntime } from '../testing/virtual-runtime.ts';
import type { VirtualClock } from '../testing/virtual-clock.ts';
import { breakCall, wireOf } from './break-call.ts';

class Seen implements WireHandler {
  status: number | null = null;
  headers: Headers = [];
  body = '';
  pieces = 0;
  endings = 0;
  ending: 'open' | 'whole' | TransportFailure['type'] = 'open';

  onHead(status: number, headers: Headers): void {
    this.status = status;
    this.headers = headers;
  }

  onData(bytes: Bytes): void {
    this.pieces += 1;
    this.body += bytes;
  }

  onEnd(): void {
    this.endings += 1;
    this.ending = 'whole';
  }

  onFail(failure: TransportFailure): void {
    this.endings += 1;
    this.ending = failure.type;
  }

  /** All that a provider says, without what is different in every answer. */
  get said(): object {
    const type = this.headers.find(([name]) => name === 'content-type')?.[1].split(';')[0];
    const body = this.body.replaceAll(/"(?:req_|drill|simulator)[^"]*"/g, '"ID"');
    return { status: this.status, type, ending: this.ending, body };
  }
}

const HOUR_MS = 3_600_000;

function requestOn(wire: WireName, stream: boolean): WireRequest {
  const prompt = 'Count to 30, please.';
  const messages = [{ role: 'user', content: prompt }];
  const bodies: { readonly [name in WireName]: JsonObject } = {
    chat: { model: 'gpt-4.1', stream, messages },
    messages: { model: 'claude-sonnet-4-5', stream, messages, max_tokens: 500 },
    'generate-content': { contents: [{ role: 'user', parts: [{ text: prompt }] }] },
  };
  const { upstream } = WIRES[wire].protocol;
  return {
    method: 'POST',
    url: `simulated://p/v1${upstream.path(wire === 'generate-content' ? 'gemini-2.5-flash' : 'x', stream)}`,
    headers: [...upstream.headers, ['authorization', 'Bearer k']],
    body: textToBytes(JSON.stringify(bodies[wire])),
    connectTimeoutMs: 1_000,
    headTimeoutMs: 10_000,
  };
}

const NOWHERE: Transport = {
  send: () => {
    throw new Error('there is no network here');
  },
  close: async () => {},
};

interface World {
  readonly clock: VirtualClock;
  readonly provider: Transport;
  /** Calls that reached the provider. */
  readonly reached: () => number;
}

// The provider has the fault itself, or is well.
function world(fault: FaultKind | null): World {
  const { runtime, clock } = virtualRuntime();
  const { random, crypto } = runtime;
  const settings = { defaults: { pace: INSTANT_PACE, fault: fault === null ? null : { kind: fault } } };
  const simulated = createSimulator({ clock, random, crypto, settings }).transport(NOWHERE);
  let reached = 0;
  const provider: Transport = {
    send: (request, handler) => {
      reached += 1;
      return simulated.send(request, handler);
    },
    close: async () => {},
  };
  return { clock, provider, reached: () => reached };
}

async function atProvider(fault: FaultKind, wire: WireName, stream: boolean): Promise<Seen> {
  const { clock, provider } = world(fault);
  const seen = new Seen();
  provider.send(requestOn(wire, stream), seen);
  await clock.advance(HOUR_MS);
  return seen;
}

async function byDrill(
  fault: FaultKind,
  wire: WireName,
  stream: boolean,
): Promise<{ readonly seen: Seen; readonly reached: number }> {
  const { clock, provider: inner, reached } = world(null);
  const handler = new Seen();
  const request = requestOn(wire, stream);
  breakCall({ fault, wire, request, handler, inner, clock, seed: 'drill' });
  expect(handler.status, 'nothing may be told within send').toBeNull();
  await clock.advance(HOUR_MS);
  return { seen: handler, reached: reached() };
}

const CASES = Object.keys(FAULT_NAMES).flatMap((name) =>
  WIRE_NAMES.flatMap((wire) => [true, false].map((stream) => [name, wire, stream] as const)),
);

/** Faults of the shape of an answer that the simulator makes while it composes, and a drill from the finished bytes. */
const MADE_OTHERWISE: readonly string[] = ['truncated', 'no-finish', 'empty', 'slow', 'dribble'];

/** Faults that let the real answer through. */
const NEEDS_ANSWER =
  /^(?:slow|hang-mid|cut|reset-mid|error-mid|truncated|dribble|content-type|no-finish|duplicate)$/;

describe('a call that meets the fault', () => {
  it.each(CASES.filter(([name]) => !MADE_OTHERWISE.includes(name)))(
    '%s on the wire %s (streamed: %s) sees what it would see of a provider that has it',
    async (name, wire, stream) => {
      const fault = faultNamed(name)!;
      const { seen } = await byDrill(fault, wire, stream);
      expect(seen.said).toEqual((await atProvider(fault, wire, stream)).said);
      expect(seen.endings).toBe(seen.ending === 'open' ? 0 : 1);
    },
  );

  it.each(CASES)(
    '%s on the wire %s (streamed: %s) reaches the provider only if it needs an answer',
    async (...each) => {
      const [name, wire, stream] = each;
      const { reached } = await byDrill(faultNamed(name)!, wire, stream);
      expect(reached).toBe(NEEDS_ANSWER.test(name) ? 1 : 0);
    },
  );

  it.each(WIRE_NAMES)('truncated on the wire %s ends well inside of its JSON', async (wire) => {
    const whole = await byDrill({ type: 'truncated-json' }, wire, false);
    expect(whole.seen.ending).toBe('whole');
    expect(() => JSON.parse(whole.seen.body)).toThrow(SyntaxError);
    const { seen } = await byDrill({ type: 'truncated-json' }, wire, true);
    expect([seen.ending, seen.body.endsWith('\n\n')]).toEqual(['whole', false]);
    expect(seen.body.length).toBeGreaterThan(100);
  });

  it.each(WIRE_NAMES)('no-finish on the wire %s has all words and no reason', async (wire) => {
    const fault = { type: 'missing-finish' } as const;
    const [{ seen }, reference] = [await byDrill(fault, wire, true), await atProvider(fault, wire, true)];
    const parts = (body: string) => partsOf(wire, body);
    expect(parts(seen.body).some(({ type }) => type === 'finish')).toBe(false);
    expect(textOf(parts(seen.body))).toBe(textOf(parts(reference.body)));
    expect(textOf(parts(seen.body))).toContain('28, 29');
    expect(seen.ending).toBe('whole');
  });

  it.each(WIRE_NAMES)('empty on the wire %s is a proper stream that says nothing', async (wire) => {
    const { seen } = await byDrill({ type: 'empty-completion' }, wire, true);
    const parts = partsOf(wire, seen.body);
    expect([seen.status, seen.ending, textOf(parts)]).toEqual([200, 'whole', '']);
    expect(parts.some(({ type }) => type === 'finish')).toBe(true);
  });

  it.each(WIRE_NAMES)('empty on the wire %s is a proper answer that says nothing', async (wire) => {
    const { seen } = await byDrill({ type: 'empty-completion' }, wire, false);
    const { parts, finish } = WIRES[wire].protocol.upstream.decodeResult(JSON.parse(seen.body), TARGET);
    expect([seen.status, seen.ending, parts.length, finish.reason]).toEqual([200, 'whole', 0, 'stop']);
  });

  it('passes whole if it asks for something that the fault does not mean', async () => {
    const { clock, provider: inner, reached } = world(null);
    const handler = new Seen();
    const request = {
      ...requestOn('chat', false),
      url: 'simulated://p/v1/embeddings',
      body: textToBytes(JSON.stringify({ model: 'text-embedding-3-small', input: 'hello' })),
    };
    breakCall({
      fault: { type: 'empty-completion' },
      wire: 'chat',
      request,
      handler,
      inner,
      clock,
      seed: 's',
    });
    await clock.advance(HOUR_MS);
    expect([handler.status, handler.ending, reached()]).toEqual([200, 'whole', 1]);
    expect(handler.body).toContain('"embedding"');
  });
});

describe('slowness', () => {
  it.each([true, false])('holds the first content back by its time, streamed: %s', async (stream) => {
    const { clock, provider: inner } = world(null);
    const handler = new Seen();
    const request = requestOn('chat', stream);
    breakCall({
      fault: { type: 'slow-first-token', delayMs: 700 },
      wire: 'chat',
      request,
      handler,
      inner,
      clock,
      seed: 's',
    });
    await clock.advance(699);
    expect([handler.status, handler.body]).toEqual([200, '']);
    await clock.advance(1);
    expect(handler.body).not.toBe('');
    await clock.advance(1_000);
    expect(handler.ending).toBe('whole');
  });

  it('dribbles every byte, keeps to the pauses of its reader, and loses none', async () => {
    const { clock, provider: inner } = world(null);
    const handler = new Seen();
    const request = requestOn('chat', true);
    const call = breakCall({
      fault: { type: 'dribble', byteMs: 10 },
      wire: 'chat',
      request,
      handler,
      inner,
      clock,
      seed: 's',
    });
    await clock.advance(1_000);
    expect(handler.body.length).toBe(100);
    call.pause();
    await clock.advance(60_000);
    expect(handler.body.length).toBe(100);
    call.resume();
    await clock.advance(HOUR_MS);
    const whole = new Seen();
    const again = world(null);
    again.provider.send(request, whole);
    await again.clock.advance(HOUR_MS);
    expect(handler.body).toBe(whole.body);
    expect([handler.ending, handler.endings, handler.pieces]).toEqual(['whole', 1, whole.body.length]);
  });

  it.each(['slow:500', 'dribble:50', 'cut:3', 'truncated', '503', 'hang'])(
    'a call with the fault %s that is given up says nothing more and leaves no timer',
    async (name) => {
      const { clock, provider: inner } = world(null);
      const handler = new Seen();
      const request = requestOn('messages', true);
      const fault = faultNamed(name)!;
      const call = breakCall({ fault, wire: 'messages', request, handler, inner, clock, seed: 's' });
      call.abort();
      await clock.advance(HOUR_MS);
      expect([handler.status, handler.body, handler.ending, clock.timers]).toEqual([null, '', 'open', 0]);
    },
  );
});

describe('the wire of a provider', () => {
  it('is known by its protocol', () => {
    expect(WIRE_NAMES.map((name) => wireOf(WIRES[name].protocol.id))).toEqual(WIRE_NAMES);
    expect(wireOf('bedrock-converse')).toBeNull();
  });
});

const TARGET = {
  model: 'm',
  capabilities: UNKNOWN_CAPABILITIES,
  quirks: NO_QUIRKS,
};

function partsOf(wire: WireName, body: string): readonly StreamPart[] {
  const sse = new SseDecoder();
  const pump = WIRES[wire].protocol.upstream.decodeStream(TARGET);
  const events = [...sse.push(textToBytes(body)), ...sse.end()].map(toWireEvent);
  return [...events.flatMap((event) => [...pump.push(event)]), ...pump.end()];
}

function textOf(parts: readonly StreamPart[]): string {
  return parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('');
}
