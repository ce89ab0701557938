import { asArray, isObject, parseJsonOr, type Json, type JsonObject } from '../../base/json.ts';
import type {
  FunctionTool,
  GenerateRequest,
  Message,
  ToolCallPart,
  ToolResultPart,
} from '../../spec/generate.ts';
import { prompt, textOf, turnsOf } from './conversation.ts';
import { idFrom, type Dice } from './dice.ts';
import { argumentSets, escapePattern } from './arguments.ts';
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
  return turnsOf(request).at(-1)?.role === 'user' ? wanted : [];
}

// Naming the tool counts most; else the telling words that its name shares with the prompt do. A name of everyday words
// alone (`Write`, `search_web`) is meant only when all of them stand there, and a single one only together with a file or
// a command.
function score(tool: FunctionTool, asked: string): number {
  const words = tool.name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 2 && !EMPTY_WORDS.has(word));
  const telling = words.filter((word) => !EVERYDAY_WORDS.has(word));
  if (tool.name.length > 5 && words.length > 1 && asked.includes(tool.name.toLowerCase())) return 100;
  if (
    new RegExp(`\\b(?:use|call|invoke|with)\\b.{0,20}\\b${escapePattern(tool.name.toLowerCase())}\\b`).test(
      asked,
    )
  )
    return 100;
  if (telling.length > 0) return telling.filter((word) => mentions(asked, word)).length;
  if (words.length === 0 || !words.every((word) => mentions(asked, word))) return 0;
  return words.length > 1 || /\bfiles?\b|[\w/]\.\w{1,5}\b|`[^`]+`/.test(asked) ? 1 : 0;
}

function mentions(asked: string, word: string): boolean {
  return new RegExp(`\\b${word}`).test(asked);
}

const EMPTY_WORDS = new Set(
  'get set make use the tool function call fetch current for and with run'.split(' '),
);
const EVERYDAY_WORDS = new Set(
  (
    'read write edit list search create update delete open find show send add check task bash glob grep exit enter plan todo ' +
    'web file files notebook shell exec apply patch view mode ask user question message agent skill output'
  ).split(' '),
);

function trailingResults(request: GenerateRequest): readonly ToolResultPart[] {
  const turns = turnsOf(request);
  const last = turns.at(-1);
  if (last?.role === 'tool') return collectResults(turns, turns.length);
  // Words of the user right behind the results (some clients add reminders) do not change what was asked.
  const before = turns.at(-2);
  if (last?.role === 'user' && before?.role === 'tool' && isReminder(textOf(last))) {
    return collectResults(turns, turns.length - 1);
  }
  return [];
}

function isReminder(text: string): boolean {
  return text.trimStart().startsWith('<') || text.trim() === '';
}

// Neighbouring tool messages belong to one turn.
function collectResults(turns: readonly Message[], end: number): readonly ToolResultPart[] {
  const results: ToolResultPart[] = [];
  for (let at = end - 1; at >= 0; at -= 1) {
    const message = turns[at];
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
