import { textToBytes } from '../base/bytes.ts';
import { GatewayError } from '../spec/error.ts';
import type { GenerateRequest, GenerateResult } from '../spec/generate.ts';
import type { Headers, WireEvent } from '../spec/wire.ts';
import { outputTotal } from '../spec/usage.ts';
import type { AnswerContext } from '../protocols/protocol.ts';
import { composeAnswer } from './answer/compose.ts';
import { continuation } from './answer/continuation.ts';
import { messageText } from './answer/conversation.ts';
import { diceFrom, idFrom } from './answer/dice.ts';
import { streamParts } from './answer/stream.ts';
import { inputTokens, type PromptCache } from './answer/usage.ts';
import type { FaultFacts } from './faults/before.ts';
import { spoilBody, spoilEvents, spoilWhole, type TimedEvent } from './faults/events.ts';
import type { FaultKind } from './faults/fault.ts';
import { delaysOf, type Delays } from './pace.ts';
import { refuse, REQUEST_ID_HEADERS, type Refusal } from './refusal.ts';
import type { PathFacts } from './route.ts';
import type { Ruled } from './rules/rule.ts';
import type { AnswerScript, Script } from './script.ts';
import type { Pace } from './settings.ts';
import { windowRefusal } from './windows.ts';
import type { Wire } from './wires.ts';

/** Everything that one answer depends on besides the request itself. */
export interface GenerateSetting {
  readonly wire: Wire;
  readonly path: PathFacts;
  readonly fault: FaultKind | null;
  readonly facts: FaultFacts;
  readonly pace: Pace;
  readonly cache: PromptCache;
  /** Seed of everything that depends on the content alone. */
  readonly seed: string;
  readonly provider: string;
}

/** Answers a request for generation that keeps all rules: decodes, composes, encodes, and applies the fault. */
export function generate(ruled: Ruled, setting: GenerateSetting): Script {
  const request = decode(ruled, setting);
  if (!('messages' in request)) return refuse(setting.wire.name, request, setting.facts.requestSeed);
  const tooBig = windowRefusal(setting.wire.name, ruled.model, request);
  if (tooBig !== null) return refuse(setting.wire.name, tooBig, setting.facts.requestSeed);
  const result = withFault(compose(request, ruled, setting), setting.fault);
  const context = contextOf(request, setting);
  const delays = slowed(delaysOf(setting.pace, diceFrom(setting.facts.requestSeed)), setting.fault);
  const script = request.stream
    ? streamed(result, context, delays, setting)
    : whole(result, context, delays, setting);
  return spoilBody(script, setting.fault);
}

// What the rules let through may still not decode: a field of the wrong type, a part that nobody knows.
function decode(ruled: Ruled, setting: GenerateSetting): GenerateRequest | Refusal {
  try {
    const body = setting.path.model === undefined ? { ...ruled.body, model: ruled.model } : ruled.body;
    const { stream } = setting.path;
    const path =
      setting.path.model === undefined
        ? {}
        : { model: ruled.model, ...(stream === undefined ? {} : { stream }) };
    return setting.wire.protocol.downstream.decodeRequest(body, path);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const { field } = error.detail;
    return { status: 400, message: error.message, ...(field === undefined ? {} : { param: field }) };
  }
}

function compose(request: GenerateRequest, ruled: Ruled, setting: GenerateSetting): GenerateResult {
  const { wire, facts } = setting;
  return composeAnswer(request, {
    seed: `${setting.seed}/${conversationSeed(request)}`,
    traits: ruled.traits,
    seal: wire.seal(ruled.sign, ruled.traits),
    cache: setting.cache.use(request, wire.cache),
    id: `${wire.answerIdPrefix}${idFrom(`${facts.requestSeed}/answer`, 24)}`,
  });
}

// The words alone decide, not the model or the provider, so that any of them can go on where another broke off.
function conversationSeed(request: GenerateRequest): string {
  const { messages } = continuation(request)?.base ?? request;
  return messages.map(messageText).join('\n');
}

function contextOf(request: GenerateRequest, { facts, wire }: GenerateSetting): AnswerContext {
  return {
    requestId: `${wire.answerIdPrefix}${idFrom(`${facts.requestSeed}/answer`, 24)}`,
    model: request.model,
    createdAtS: Math.floor(facts.nowMs / 1000),
    request,
    inputTokensEstimate: inputTokens(request),
  };
}

function withFault(result: GenerateResult, fault: FaultKind | null): GenerateResult {
  if (fault?.type !== 'empty-completion') return result;
  const usage = { ...result.usage, output: 0, reasoning: 0 };
  return { ...result, parts: [], finish: { reason: 'stop' }, usage };
}

function slowed(delays: Delays, fault: FaultKind | null): Delays {
  if (fault?.type !== 'slow-first-token') return delays;
  return {
    ...delays,
    firstTokenMs: delays.firstTokenMs + fault.delayMs,
    wholeMs: (tokens) => delays.wholeMs(tokens) + fault.delayMs,
  };
}

function whole(
  result: GenerateResult,
  context: AnswerContext,
  delays: Delays,
  setting: GenerateSetting,
): AnswerScript {
  const body = JSON.stringify(setting.wire.protocol.downstream.encodeResult(result, context));
  const script: AnswerScript = {
    type: 'answer',
    headDelayMs: delays.wholeMs(outputTotal(result.usage) ?? 0),
    status: 200,
    headers: headersOf('application/json', setting),
    pieces: [{ delayMs: 0, bytes: textToBytes(body) }],
    ending: 'whole',
  };
  return spoilWhole(script, setting.fault, setting.facts);
}

function streamed(
  result: GenerateResult,
  context: AnswerContext,
  delays: Delays,
  setting: GenerateSetting,
): AnswerScript {
  const { wire, fault, facts } = setting;
  const events = timedEvents(result, context, delays, setting);
  const spoiled = spoilEvents({ events, ending: 'whole' }, fault, facts);
  const asArray = setting.path.events === false;
  const pieces = spoiled.events.map(({ delayMs, event }, index) => ({
    delayMs,
    bytes: textToBytes(asArray ? arrayItem(event, index) : wire.protocol.downstream.frame([event])),
  }));
  const tail = asArray && spoiled.ending === 'whole' ? [{ delayMs: 0, bytes: textToBytes(']') }] : [];
  return {
    type: 'answer',
    headDelayMs: delays.headMs,
    status: 200,
    headers: headersOf(asArray ? 'application/json' : 'text/event-stream', setting),
    pieces: [...pieces, ...tail],
    ending: spoiled.ending,
  };
}

// Google streams a JSON array where `alt=sse` is not asked for.
function arrayItem(event: WireEvent, index: number): string {
  return `${index === 0 ? '[' : ',\r\n'}${event.data}`;
}

function timedEvents(
  result: GenerateResult,
  context: AnswerContext,
  delays: Delays,
  { wire, fault }: GenerateSetting,
): readonly TimedEvent[] {
  const unfinished = fault?.type === 'missing-finish';
  const pump = wire.protocol.downstream.encodeStream(context);
  const timed: TimedEvent[] = [];
  let waiting = 0;
  let begun = false;
  const add = (events: readonly WireEvent[]): void => {
    for (const event of events) {
      timed.push({ delayMs: waiting, event });
      waiting = 0;
    }
  };
  for (const part of streamParts(result)) {
    if (unfinished && part.type === 'finish') continue;
    if (part.type.endsWith('-delta')) {
      waiting += begun ? delays.tokenMs() : delays.firstTokenMs;
      begun = true;
    }
    add(pump.push(part));
  }
  if (!unfinished) add(pump.end());
  return timed;
}

function headersOf(contentType: string, { wire, facts, provider }: GenerateSetting): Headers {
  return [
    ['content-type', `${contentType}; charset=utf-8`],
    [REQUEST_ID_HEADERS[wire.name], `req_${idFrom(facts.requestSeed, 24)}`],
    ['x-simulated-provider', provider],
  ];
}
