import { textToBytes, type Bytes } from '../base/bytes.ts';
import { spliceFields } from '../base/json-scan.ts';
import type { EncodeTarget, Protocol, UpstreamEmbed } from '../protocols/protocol.ts';
import type { AttemptMove } from '../routing/move.ts';
import type { Target } from '../routing/target.ts';
import { GatewayError } from '../spec/error.ts';
import { resumeRequest } from '../resumption/request.ts';
import type { ResumeMethod } from '../spec/attempt.ts';
import type { GenerateRequest, Warning } from '../spec/generate.ts';
import type { Headers, WireRequest } from '../spec/wire.ts';
import type { Waits } from './waits.ts';
import { assert } from '../base/assert.ts';
import { OWN_FIELDS, type Admitted, type RequestRun } from './request-run.ts';

/** A request as it goes to one target. */
export interface Outgoing {
  readonly wire: WireRequest;
  readonly protocol: Protocol;
  readonly target: EncodeTarget;
  /** Whether the client's own bytes go through, and so will the answer's. */
  readonly through: boolean;
  readonly warnings: readonly Warning[];
}

/** Prepares the call of one attempt; throws where the target cannot express the request. */
export function outgoing(
  run: RequestRun,
  admitted: Admitted,
  { target, keyIndex, resume }: AttemptMove,
  waits: Waits,
): Outgoing {
  const link = run.snapshot.providers.get(target.provider);
  assert(link !== undefined, `no provider ${target.provider} in the snapshot`);
  const { protocol } = link;
  const sameWire = protocol.id === run.call.surface.protocol.id;
  const { body, ...prepared } = preparedBody(run, admitted, { protocol, target, sameWire, resume });
  return {
    wire: {
      method: 'POST',
      url: link.config.baseUrl + pathOf(run, admitted, protocol, target),
      headers: headersFor(run, protocol, link.headersByKey[keyIndex] ?? [], sameWire),
      body,
      connectTimeoutMs: waits.connectMs,
      headTimeoutMs: admitted.stream ? waits.firstByteMs : waits.answerMs,
      allowPrivate: link.config.allowPrivate,
      provider: target.provider,
      requestId: run.id,
      ...(link.config.connectionsMax === null ? {} : { connectionsMax: link.config.connectionsMax }),
    },
    protocol,
    ...prepared,
  };
}

interface Destination {
  readonly protocol: Protocol;
  readonly target: Target;
  /** Whether the provider speaks the client's own wire. */
  readonly sameWire: boolean;
  /** How to go on with what the client has already; null where nothing was sent. */
  readonly resume: ResumeMethod | null;
}

type PreparedBody = Pick<Outgoing, 'target' | 'through' | 'warnings'> & { readonly body: Bytes };

function preparedBody(
  run: RequestRun,
  admitted: Admitted,
  { protocol, target, sameWire, resume }: Destination,
): PreparedBody {
  const { model, capabilities, quirks } = target;
  const plain = { model, capabilities, quirks };
  // An answer that starts anew is asked for with the very same bytes: the closer the request, the closer the answer.
  const same = sameWire && !isEmbedding(run) && (resume === null || resume === 'restart');
  const passed = same ? passedBody(admitted, protocol, plain) : null;
  if (passed !== null) {
    const heard = resume === null ? plain : { ...plain, request: run.decoded() };
    return { body: passed, target: heard, through: true, warnings: [] };
  }
  // A decoder of the answer may need the request: shortened tool names, emulated formats.
  const request = isEmbedding(run) ? null : askedOf(run, resume);
  const encodeTarget = request === null ? plain : { ...plain, request };
  const encoded = encodedBody(run, protocol, encodeTarget);
  if (admitted.strict || target.strict) assertLossless(encoded.warnings);
  return { ...encoded, target: encodeTarget, through: false };
}

// What a target is asked for: the client's request, or that with what is needed to go on from what was sent.
function askedOf(run: RequestRun, resume: ResumeMethod | null): GenerateRequest {
  const request = run.decoded();
  if (resume === null || run.delivery === null) return request;
  return resumeRequest(request, run.delivery.delivered(), resume);
}

function isEmbedding(run: RequestRun): boolean {
  return run.call.surface.operation === 'embed';
}

function pathOf(run: RequestRun, { stream }: Admitted, protocol: Protocol, { model }: Target): string {
  return isEmbedding(run) ? embedCodec(protocol).path(model) : protocol.upstream.path(model, stream);
}

/** The embedding codec of a provider's wire; a wire without one is an obstacle of this target only. */
export function embedCodec(protocol: Protocol): UpstreamEmbed {
  const { embed } = protocol.upstream;
  if (embed === undefined) throw new GatewayError('unsupported', `The ${protocol.id} API has no embeddings.`);
  return embed;
}

// The client's bytes with only the model and what this target needs edited; null where they cannot pass.
function passedBody({ top, stream }: Admitted, protocol: Protocol, target: EncodeTarget): Bytes | null {
  const edits = protocol.passthrough.edits(top, stream, target);
  if (edits === null) return null;
  if (!OWN_FIELDS.some((name) => top.spans.has(name))) return spliceFields(top, edits);
  return spliceFields(top, { ...edits, ...Object.fromEntries(OWN_FIELDS.map((name) => [name, null])) });
}

function encodedBody(
  run: RequestRun,
  protocol: Protocol,
  target: EncodeTarget,
): { readonly body: Bytes; readonly warnings: readonly Warning[] } {
  const { body, warnings } = isEmbedding(run)
    ? embedCodec(protocol).encodeRequest(run.decodedEmbed(), target)
    : protocol.upstream.encodeRequest(target.request ?? run.decoded(), target);
  return { body: textToBytes(JSON.stringify(body)), warnings };
}

// In strict mode, asked for by the caller or by the operator, a loss is an obstacle of this target.
function assertLossless([first]: readonly Warning[]): void {
  if (first === undefined) return;
  const message = `In strict mode nothing may be lost, and ${first.field} would be: ${first.message}`;
  throw new GatewayError('unsupported', message, { field: first.field });
}

// Headers of the client that the wire's owner understands (betas, a version) go along to a target of the same wire.
function headersFor(run: RequestRun, protocol: Protocol, own: Headers, sameWire: boolean): Headers {
  if (!sameWire) return own;
  const { forwards } = protocol.passthrough;
  if (forwards === undefined) return own;
  const passed = forwards.flatMap(({ name, accepts }) => {
    const value = run.call.client.header(name);
    return value !== undefined && accepts.test(value) ? [[name, value] as const] : [];
  });
  if (passed.length === 0) return own;
  return [...own.filter(([name]) => !passed.some(([passedName]) => passedName === name)), ...passed];
}
