import { asArray, compact, isObject, type Json, type JsonObject } from '../../base/json.ts';
import { GatewayError } from '../../spec/error.ts';
import type { GenerateRequest, Message } from '../../spec/generate.ts';
import type { EncodedRequest, EncodeTarget } from '../protocol.ts';
import { encodeUserBlocks, plainContent, type BlockContext } from './blocks-encode.ts';
import { limitBreakpoints } from './cache-breakpoints.ts';
import { ANTHROPIC_MESSAGES } from './id.ts';
import { Warnings } from '../warnings.ts';
import { planOutput, type OutputPlan } from './output-format.ts';
import { encodeReasoning, type ThinkingFields } from './reasoning-encode.ts';
import { encodeSampling } from './sampling-encode.ts';
import { encodeToolChoice, encodeTools } from './tools-encode.ts';
import {
  noteUnknown,
  withoutRefused,
  encodeMetadata,
  encodeServiceTier,
  encodeStop,
} from './request-fields.ts';
import { repairTurns, encodeTurns, type Turn } from './turns.ts';
import { withUniqueCalls } from './unique-calls.ts';
import { BILLING_EXTRA, DEFAULT_MAX_TOKENS } from './wire.ts';

/** Writes a request for a target of this wire, with a remark about everything that it cannot express. */
export function encodeRequest(request: GenerateRequest, target: EncodeTarget): EncodedRequest {
  if ((request.candidates ?? 1) > 1) {
    throw new GatewayError(
      'unsupported',
      'The Messages API gives one answer; more candidates cannot be asked for.',
      {
        field: 'n',
      },
    );
  }
  const warnings = new Warnings();
  noteUnknown(request, warnings);
  const extras = request.extras?.origin === ANTHROPIC_MESSAGES ? request.extras.fields : {};
  const body = compact({
    model: target.model,
    ...encodeConversation(request, target, extras, warnings),
    stop_sequences: encodeStop(request.stop, warnings),
    metadata: encodeMetadata(request.userId, warnings),
    service_tier: encodeServiceTier(request.serviceTier, warnings),
    ...otherExtras(extras),
    stream: request.stream ? true : undefined,
  });
  return {
    body: limitBreakpoints(withoutRefused(body, target, warnings), warnings),
    warnings: warnings.list(),
  };
}

// Messages, tools, thinking and output format depend on each other, so they are written together.
function encodeConversation(
  request: GenerateRequest,
  target: EncodeTarget,
  extras: JsonObject,
  warnings: Warnings,
): JsonObject {
  const unsignedReasoning = target.quirks.reasoningField === null ? 'drop' : 'send';
  const context: BlockContext = { warnings, unsignedReasoning };
  const { system, later } = splitSystem(request.messages);
  const laterSystem = target.capabilities.midConversationSystem === true ? 'native' : 'reminder';
  const turns = continued(
    repairTurns(encodeTurns(withUniqueCalls(later, warnings), system.length, laterSystem, context), context),
    target,
    warnings,
  );
  const plan = planOutput(request, target, warnings);
  const thinking = planThinking(request, target, { plan, turns }, warnings);
  const mode = thinking.thinking?.['type'] ?? 'disabled';
  const tools = encodeTools(request, plan, extras['tools']);
  return compact({
    max_tokens: thinking.maxTokens,
    system: encodeSystem(system, plan, extras[BILLING_EXTRA], context),
    messages: turns.map((turn) => ({ role: turn.role, content: plainContent(turn.blocks) })),
    tools: tools.length === 0 ? undefined : tools,
    tool_choice: encodeToolChoice(request, plan, thinking, warnings),
    ...encodeSampling(request, target.capabilities.sampling, mode === 'disabled' ? 'off' : 'on', warnings),
    thinking: mode === 'adaptive' ? (extras['thinking'] ?? thinking.thinking) : thinking.thinking,
    output_config: encodeOutputConfig(extras['output_config'], thinking, plan),
  });
}

// Extras that are whole fields of the body; the others say more about fields written above.
function otherExtras(extras: JsonObject): JsonObject {
  const {
    [BILLING_EXTRA]: _billing,
    tools: _tools,
    output_config: _config,
    thinking: _thinking,
    ...rest
  } = extras;
  return rest;
}

interface Prepared {
  readonly plan: OutputPlan;
  readonly turns: readonly Turn[];
}

// Thinking with a budget yields to a forced answer tool, and to an open tool loop that did not start with signed thinking.
// Adaptive thinking takes both (recorded answers of claude-opus-4-6).
function planThinking(
  request: GenerateRequest,
  target: EncodeTarget,
  { plan, turns }: Prepared,
  warnings: Warnings,
): ThinkingFields {
  const { reasoning, outputTokensMax } = target.capabilities;
  const maxTokens = limitTokens(request.maxOutputTokens, outputTokensMax, warnings);
  const fields = encodeReasoning(request.reasoning, reasoning, maxTokens, warnings);
  if (fields.thinking?.['type'] !== 'enabled') return fields;
  if (plan.type === 'answer-tool') {
    warnings.add('dropped', 'reasoning', 'With thinking this model cannot be held to a schema.');
    return { maxTokens };
  }
  if (startsWithThinking(turns)) return fields;
  warnings.add(
    'dropped',
    'reasoning',
    'The turn to be continued has no thinking signed by this provider, so none can follow.',
  );
  return { maxTokens };
}

// "When thinking is enabled, a final assistant message must start with a thinking block": said of open tool loops and of
// beginnings that are to be continued.
function startsWithThinking(turns: readonly Turn[]): boolean {
  const last = turns.findLast((turn) => turn.role === 'assistant');
  if (last === undefined) return true;
  const isOpen = turns.at(-1) === last || holds(turns.at(-1), 'tool_result');
  const first = last.blocks[0]?.['type'];
  return !isOpen || first === 'thinking' || first === 'redacted_thinking';
}

function holds(turn: Turn | undefined, type: string): boolean {
  return turn?.blocks.some((block) => block['type'] === type) === true;
}

function limitTokens(asked: number | undefined, most: number | null, warnings: Warnings): number {
  if (asked === undefined) return most ?? DEFAULT_MAX_TOKENS;
  if (most === null || asked <= most) return asked;
  warnings.add(
    'clamped',
    'maxOutputTokens',
    `Lowered from ${asked} to ${most}, the most this model can write.`,
  );
  return most;
}

function splitSystem(messages: readonly Message[]): {
  system: readonly Message[];
  later: readonly Message[];
} {
  const first = messages.findIndex((message) => message.role !== 'system');
  if (first < 0) return { system: messages, later: [] };
  return { system: messages.slice(0, first), later: messages.slice(first) };
}

function encodeSystem(
  messages: readonly Message[],
  plan: OutputPlan,
  billing: Json | undefined,
  context: BlockContext,
): Json | undefined {
  const blocks: JsonObject[] = [
    ...asArray(billing).map((text) => ({ type: 'text', text })),
    ...messages.flatMap((message, i) =>
      message.role === 'system' ? encodeUserBlocks(message.parts, `messages[${i}]`, context) : [],
    ),
    ...(plan.type === 'instruction' ? [{ type: 'text', text: plan.text }] : []),
  ];
  return blocks.length === 0 ? undefined : plainContent(blocks);
}

// A last assistant turn is a beginning to be continued, which newer models refuse; others refuse white space at its end.
function continued(turns: readonly Turn[], target: EncodeTarget, warnings: Warnings): readonly Turn[] {
  const last = turns.at(-1);
  if (last?.role !== 'assistant') return turns;
  if (target.capabilities.prefill === false) {
    warnings.add(
      'emulated',
      'messages',
      'This model continues no assistant turn; it was asked to go on from it.',
    );
    return [...turns, { role: 'user', blocks: [{ type: 'text', text: GO_ON }] }];
  }
  const blocks = [...last.blocks];
  const end = blocks.pop();
  const text = end?.['text'];
  if (end === undefined || typeof text !== 'string') return turns;
  if (text.trimEnd() !== '') blocks.push({ ...end, text: text.trimEnd() });
  return blocks.length === 0 ? turns.slice(0, -1) : [...turns.slice(0, -1), { role: 'assistant', blocks }];
}

const GO_ON = 'Continue exactly where your last message ends, without repeating any of it.';

function encodeOutputConfig(
  config: Json | undefined,
  thinking: ThinkingFields,
  plan: OutputPlan,
): Json | undefined {
  const written = compact({
    ...(isObject(config) ? config : {}),
    ...(thinking.effort === undefined ? {} : { effort: thinking.effort }),
    format: plan.type === 'native' ? plan.format : undefined,
  });
  return Object.keys(written).length === 0 ? undefined : written;
}
