import type { ResumeMethod } from '../spec/attempt.ts';
import type { GenerateRequest } from '../spec/generate.ts';
import { deliveredText, type Delivered } from './delivered.ts';
import { splitPrefix } from './prefix.ts';

/** What the client's wire means for going on. */
export interface ClientWire {
  /** Whether the client gets reasoning with signatures that its provider demands back unaltered. */
  readonly reasoningSigned: boolean;
}

/** How strictly a new attempt must agree with what the client has. */
export interface ResumeRules {
  /** Every block must begin as it was delivered; nothing is aligned by likeness. */
  readonly exactOnly: boolean;
  /** Reasoning of the new attempt that differs may be left out: the client keeps what it has of the first one's. */
  readonly dropReasoning: boolean;
}

/**
 * Which ways of going on are sound. `restart` where each character must be proven (structured output, tool calls, refusals,
 * media, log probabilities, reasoning without an answer yet); all three where only words were delivered; none where the
 * answer is whole, or one of several.
 */
export function waysToResume(request: GenerateRequest, delivered: Delivered): readonly ResumeMethod[] {
  if (delivered.finish !== null || (request.candidates ?? 1) > 1) return [];
  return isPlainText(request, delivered) ? ['prefill', 'restart', 'continue'] : ['restart'];
}

/** The rules for going on with this answer. */
export function resumeRules(request: GenerateRequest, delivered: Delivered, wire: ClientWire): ResumeRules {
  return {
    exactOnly: !isPlainText(request, delivered),
    // Signed reasoning is worth something only whole; once it is whole, nothing more of it is needed.
    dropReasoning: !wire.reasoningSigned || reasoningIsWhole(delivered),
  };
}

/** Whether the client has nothing but words, behind reasoning that is whole, of an answer of which no more is asked. */
function isPlainText(request: GenerateRequest, delivered: Delivered): boolean {
  const forced = request.toolChoice?.type === 'required' || request.toolChoice?.type === 'tool';
  const structured = request.output !== undefined && request.output.type !== 'text';
  if (forced || structured || request.logprobs !== undefined) return false;
  return onlyWords(delivered) && splitPrefix(deliveredText(delivered)).prefix !== '';
}

function onlyWords({ blocks }: Delivered): boolean {
  const last = blocks.length - 1;
  return blocks.every(({ start, open }, at) => {
    if (start.type === 'text') return !open || at === last;
    return start.type === 'reasoning' && !open && at < last;
  });
}

function reasoningIsWhole({ blocks }: Delivered): boolean {
  return blocks.length > 0 && blocks.every(({ start, open }) => start.type !== 'reasoning' || !open);
}
