import { asNumber, asString, field, type Json } from '../../base/json.ts';
import type { Refusal } from '../refusal.ts';
import { thinkingSignature, type Sign } from '../seal.ts';
import { objectsAt } from './reading.ts';
import type { Rule, Ruled } from './rule.ts';

/** Rules about extended thinking: its settings, and the signed blocks that must come back as they were sent. */
export const MESSAGES_THINKING_RULES: readonly Rule[] = [
  { name: 'a thinking budget is at least 1,024 and below max_tokens', check: budgetFault },
  {
    name: 'thinking goes with temperature 1 and free tool choice only',
    check: ({ body }) => {
      const type = field(field(body, 'thinking'), 'type');
      // Adaptive thinking gives way to a forced tool instead (recorded).
      if (type !== 'enabled') return null;
      const temperature = asNumber(field(body, 'temperature'));
      if (temperature !== undefined && temperature !== 1) return bad(TEMPERATURE);
      const choice = field(field(body, 'tool_choice'), 'type');
      const forced = choice === 'any' || choice === 'tool';
      return forced ? bad('Thinking may not be enabled when tool_choice forces tool use.') : null;
    },
  },
  {
    name: 'thinking blocks bear the signature they were sent with',
    check: ({ body, sign }) => signatureFault(body, sign),
  },
  { name: 'a turn with open tool use begins with its thinking', check: ({ body }) => missingThinking(body) },
];

const DOCS = 'https://docs.claude.com/en/docs/build-with-claude/extended-thinking';
const TEMPERATURE = `\`temperature\` may only be set to 1 when thinking is enabled. Please consult our documentation at ${DOCS}#important-considerations-when-using-extended-thinking`;

function budgetFault({ body, traits }: Ruled): Refusal | null {
  const thinking = field(body, 'thinking');
  if (field(thinking, 'type') !== 'enabled') return null;
  if (!traits.thinkingBudget) {
    return bad(
      '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
    );
  }
  const budget = asNumber(field(thinking, 'budget_tokens'));
  if (budget === undefined) return bad('thinking.enabled.budget_tokens: Field required');
  if (budget < 1024)
    return bad('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024');
  if (budget < (asNumber(field(body, 'max_tokens')) ?? 0)) return null;
  return bad(
    `\`max_tokens\` must be greater than \`thinking.budget_tokens\`. Please consult our documentation at ${DOCS}#max-tokens-and-context-window-size`,
  );
}

function signatureFault(body: Json, sign: Sign): Refusal | null {
  for (const { index, value } of objectsAt(body, 'messages')) {
    for (const block of objectsAt(value, 'content')) {
      const place = `messages.${index}.content.${block.index}`;
      if (block.value['type'] === 'redacted_thinking')
        return bad(`${place}: Invalid \`data\` in \`redacted_thinking\` block`);
      if (block.value['type'] !== 'thinking') continue;
      const signature = asString(block.value['signature']);
      if (signature === undefined) return bad(`${place}.thinking.signature: Field required`);
      const text = asString(block.value['thinking']) ?? '';
      if (signature !== thinkingSignature(sign, text))
        return bad(`${place}: Invalid \`signature\` in \`thinking\` block`);
    }
  }
  return null;
}

// With adaptive thinking the model may have skipped it, so only a set budget makes thinking obligatory.
function missingThinking(body: Json): Refusal | null {
  if (field(field(body, 'thinking'), 'type') !== 'enabled') return null;
  const messages = objectsAt(body, 'messages');
  const at = messages.findLastIndex(({ value }) => value['role'] === 'assistant');
  const message = messages[at];
  const answered = messages.slice(at + 1).some(({ value }) => hasBlock(value['content'], 'tool_result'));
  if (message === undefined || !answered) return null;
  const [first] = objectsAt(message.value, 'content');
  const type = asString(first?.value['type']) ?? 'text';
  if (type === 'thinking' || type === 'redacted_thinking') return null;
  return bad(
    `messages.${message.index}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${type}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block (preceeding the lastmost set of \`tool_use\` and \`tool_result\` blocks). We recommend you include thinking blocks from previous turns. To avoid this requirement, disable \`thinking\`. Please consult our documentation at ${DOCS}`,
  );
}

function hasBlock(content: Json | undefined, type: string): boolean {
  return objectsAt({ content: content ?? null }, 'content').some(({ value }) => value['type'] === type);
}

function bad(message: string): Refusal {
  return { status: 400, message };
}
