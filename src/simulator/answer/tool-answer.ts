import { asArray, isObject, parseJsonOr, type Json, type JsonObject } from '../../base/json.ts';
import type { FunctionTool, GenerateRequest, ToolCallPart, ToolResultPart } from '../../spec/generate.ts';
import { prompt, textOf } from './conversation.ts';
import { idFrom, type Dice } from './dice.ts';
import { argumentSets } from './arguments.ts';
import { shortened } from './tokens.ts';

/** At most this many calls are made in one turn. */
const CALLS_MAX = 4;

/** The tool calls that the conversation asks for next; none where words are the better answer. */
export function toolCalls(request: GenerateRequest, dice: Dice, seed: string): readonly ToolCallPart[] {
  const tools = chosenTools(request);
  const parallel = request.parallelToolCalls !== false;
  const calls: ToolCallPart[] = [];
  for (const tool of parallel ? tools : tools.slice(0, 1)) {
    for (const values of argumentSets(tool, prompt(request), parallel ? CALLS_MAX : 1, dice)) {
      const id = `call_${idFrom(`${seed}/${tool.name}/${calls.length}`, 24)}`;
      calls.push({ type: 'tool-call', id, name: tool.name, arguments: JSON.stringify(values) });
    }
  }
  return calls.slice(0, CALLS_MAX);
}

/** The answer that follows tool results, which it tells; null where the conversation does not end with results. */
export function resultAnswer(request: GenerateRequest): string | null {
  const results = trailingResults(request);
  if (results.length === 0) return null;
  const names = callNames(request);
  const lines = results.map((result) => {
    const name = result.name ?? names.get(result.callId) ?? 'the tool';
    const told = resultText(result);
    return result.isError ? `${name} failed: ${told}` : `${name} says: ${told}`;
  });
  if (lines.length === 1) return `Based on the result: ${lines[0] ?? ''}`;
  return `Based on the ${lines.length} results:\n\n${lines.map((line) => `- ${line}`).join('\n')}`;
}

function chosenTools(request: GenerateRequest): readonly FunctionTool[] {
  const tools = request.tools.filter((tool) => tool.type === 'function');
  const choice = request.toolChoice ?? { type: 'auto' };
  if (choice.type === 'none') return [];
  if (choice.type === 'tool') return tools.filter((tool) => tool.name === choice.name).slice(0, 1);
  const asked = prompt(request).toLowerCase();
  const scored = tools
    .map((tool) => ({ tool, score: score(tool, asked) }))
    .filter(({ score: points }) => points > 0);
  const best = Math.max(0, ...scored.map(({ score: points }) => points));
  const wanted = scored.filter(({ score: points }) => points === best).map(({ tool }) => tool);
  if (choice.type === 'required')
    return (wanted.length > 0 ? wanted : tools).slice(0, Math.max(1, wanted.length));
  return request.messages.at(-1)?.role === 'user' ? wanted : [];
}

// Naming the tool counts most; else words that its name shares with the prompt count, verbs that many tools share do not.
function score(tool: FunctionTool, asked: string): number {
  if (asked.includes(tool.name.toLowerCase())) return 100;
  const words = tool.name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.filter((word) => word.length > 2 && !COMMON.has(word) && mentions(asked, word)).length;
}

function mentions(asked: string, word: string): boolean {
  return new RegExp(`\\b${word}`).test(asked);
}

const COMMON = new Set([
  'get',
  'set',
  'run',
  'make',
  'use',
  'the',
  'tool',
  'function',
  'call',
  'fetch',
  'current',
  'for',
  'and',
  'with',
]);

function trailingResults(request: GenerateRequest): readonly ToolResultPart[] {
  const last = request.messages.at(-1);
  if (last?.role === 'tool') return collectResults(request, request.messages.length);
  // Words of the user right behind the results (some clients add reminders) do not change what was asked.
  const before = request.messages.at(-2);
  if (last?.role === 'user' && before?.role === 'tool' && isReminder(textOf(last))) {
    return collectResults(request, request.messages.length - 1);
  }
  return [];
}

function isReminder(text: string): boolean {
  return text.trimStart().startsWith('<') || text.trim() === '';
}

// Neighbouring tool messages belong to one turn.
function collectResults(request: GenerateRequest, end: number): readonly ToolResultPart[] {
  const results: ToolResultPart[] = [];
  for (let at = end - 1; at >= 0; at -= 1) {
    const message = request.messages[at];
    if (message?.role !== 'tool') break;
    results.unshift(...message.parts);
  }
  return results;
}

function callNames(request: GenerateRequest): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const message of request.messages) {
    if (message.role !== 'assistant') continue;
    for (const part of message.parts) if (part.type === 'tool-call') names.set(part.id, part.name);
  }
  return names;
}

function resultText(result: ToolResultPart): string {
  const text = result.parts.map((part) => (part.type === 'text' ? part.text : `[${part.type}]`)).join(' ');
  const value = parseJsonOr(text, null);
  const shown = isObject(value) ? sentence(value) : text.replace(/\s+/g, ' ').trim();
  return shortened(shown, 400);
}

function sentence(value: JsonObject): string {
  return Object.entries(value)
    .map(([key, item]) => `${key.replaceAll('_', ' ')}: ${plain(item ?? null)}`)
    .join(', ');
}

function plain(value: Json): string {
  if (typeof value === 'string') return value;
  const words = asArray(value).filter((item) => typeof item === 'string');
  return words.length > 0 && words.length === asArray(value).length
    ? words.join(', ')
    : JSON.stringify(value);
}
