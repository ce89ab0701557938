import { unreachable } from '../base/assert.ts';
import type { ResumeMethod } from '../spec/attempt.ts';
import type { AssistantPart, GenerateRequest, Message } from '../spec/generate.ts';
import { deliveredText, type Delivered } from './delivered.ts';
import { splitPrefix } from './prefix.ts';
import { CHARS_PER_TOKEN } from './usage.ts';

/** How a model is asked in words to go on, behind its own words so far. */
export const CONTINUE_INSTRUCTION =
  'Your last answer was cut off by a lost connection. Continue exactly where it stopped: begin with the very next character, ' +
  'with a space or a line break first if one is due. Repeat nothing of what you have written, and add no introduction, ' +
  'no remark and no quotation marks.';

/** The request that goes on with an answer that broke off; the method must be one of `waysToResume`. */
export function resumeRequest(
  request: GenerateRequest,
  delivered: Delivered,
  method: ResumeMethod,
): GenerateRequest {
  switch (method) {
    case 'restart':
      return request;
    case 'prefill':
      return { ...shortened(request, delivered), messages: withAnswer(request.messages, delivered) };
    case 'continue': {
      const ask: Message = { role: 'user', parts: [{ type: 'text', text: CONTINUE_INSTRUCTION }] };
      return {
        ...shortened(request, delivered),
        messages: [...withAnswer(request.messages, delivered), ask],
      };
    }
    default:
      return unreachable(method);
  }
}

// Anthropic refuses thinking behind a prefill, and thoughts of this attempt would reach nobody. What was delivered counts
// against the client's limit.
function shortened(request: GenerateRequest, delivered: Delivered): GenerateRequest {
  const { maxOutputTokens, reasoning } = request;
  return {
    ...request,
    ...(reasoning === undefined ? {} : { reasoning: { effort: 'none' } }),
    ...(maxOutputTokens === undefined
      ? {}
      : { maxOutputTokens: Math.max(1, maxOutputTokens - Math.ceil(delivered.chars / CHARS_PER_TOKEN)) }),
  };
}

// The client may have put words into the model's mouth itself; the answer goes on behind them, in the same message.
function withAnswer(messages: readonly Message[], delivered: Delivered): readonly Message[] {
  const text = splitPrefix(deliveredText(delivered)).prefix;
  const last = messages.at(-1);
  if (last?.role !== 'assistant')
    return [...messages, { role: 'assistant', parts: [{ type: 'text', text }] }];
  return [...messages.slice(0, -1), { ...last, parts: withText(last.parts, text) }];
}

function withText(parts: readonly AssistantPart[], text: string): readonly AssistantPart[] {
  const last = parts.at(-1);
  if (last?.type !== 'text') return [...parts, { type: 'text', text }];
  return [...parts.slice(0, -1), { ...last, text: last.text + text }];
}
