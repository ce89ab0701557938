import { asArray, field, isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { FunctionTool } from '../../spec/generate.ts';
import type { Dice } from './dice.ts';
import { instanceOf, type Hint } from './schema-instance.ts';

/**
 * The arguments for the calls of one tool: one set for each thing that the prompt names (weather in Paris and Rome makes
 * two), each satisfying the tool's schema, with values from the prompt where they fit.
 */
export function argumentSets(tool: FunctionTool, asked: string, most: number, dice: Dice): readonly Json[] {
  const subject = subjectProperty(tool.inputSchema);
  const things = subject === null ? [] : namedThings(asked).slice(0, most);
  const sets = things.length === 0 ? [undefined] : things;
  return sets.map((thing) =>
    instanceOf(tool.inputSchema, {
      dice,
      // A model leaves out what nobody spoke of; an invented page range makes a tool that reads files fail.
      optional: 'hinted',
      hint: (name, schema) =>
        thing !== undefined && name === subject ? thing : hintFrom(asked)(name, schema),
    }),
  );
}

/** A hint that takes values for properties from a prompt. */
export function hintFrom(asked: string): Hint {
  return (name, schema) => {
    const mentioned = asArray(schema['enum']).find(
      (choice) => typeof choice === 'string' && new RegExp(`\\b${escapePattern(choice)}\\b`, 'i').test(asked),
    );
    if (mentioned !== undefined) return mentioned;
    const type = schema['type'];
    if (type === 'number' || type === 'integer') return numberIn(asked, name);
    for (const [pattern, find] of FINDERS) {
      if (pattern.test(name)) return find(asked);
    }
    return quotedText(asked);
  };
}

const FINDERS: readonly (readonly [name: RegExp, find: (asked: string) => string | undefined])[] = [
  [/path|file/i, (asked) => /(?:^|[\s"'`(])([\w~.-]*\/?[\w./-]*\.\w{1,6})\b/.exec(asked)?.[1]],
  [/url|link/i, (asked) => /https?:\/\/[^\s"'<>)]+/.exec(asked)?.[0]],
  [/e-?mail/i, (asked) => /[\w.+-]+@[\w-]+\.[\w.]+/.exec(asked)?.[0]],
  [/date/i, (asked) => /\b\d{4}-\d{2}-\d{2}\b/.exec(asked)?.[0]],
  [/command|cmd/i, (asked) => /`([^`]+)`/.exec(asked)?.[1] ?? quotedText(asked)],
  [
    /^(?:query|q|question|prompt|text|input|message|topic)$/i,
    (asked) => quotedText(asked) ?? asked.trim().slice(0, 200),
  ],
  [
    /city|town|location|place|country|name|person|company|symbol|subject|title/i,
    (asked) => namedThings(asked)[0],
  ],
];

// The property that a list of things in the prompt would fill: the first required free string that is not a whole text.
function subjectProperty(schema: JsonObject): string | null {
  const properties = field(schema, 'properties');
  if (!isObject(properties)) return null;
  const required = asArray(schema['required']).filter((name) => typeof name === 'string');
  const free = required.filter((name) => {
    const own = field(properties, name);
    return field(own, 'type') === 'string' && field(own, 'enum') === undefined && !WHOLE_TEXTS.test(name);
  });
  return free[0] ?? null;
}

const WHOLE_TEXTS =
  /^(?:query|q|question|prompt|text|input|message|content|body|code|command|cmd|path|file.*|.*path|pattern|expression|description)$/i;

/** Names in a prompt: what stands in quotes, else runs of capitalised words after a preposition or a comma. */
export function namedThings(asked: string): readonly string[] {
  const inQuotes = [...asked.matchAll(/["“']([\w][^"”'\n]{0,60})["”']/g)].map((match) => match[1] ?? '');
  if (inQuotes.length > 0) return [...new Set(inQuotes)];
  const names = [...asked.matchAll(NAME_AFTER)].map((match) => match[1] ?? '');
  return [...new Set(names.filter((name) => name !== '' && !NOT_NAMES.has(name)))];
}

const NAME_AFTER =
  /(?:\b(?:in|for|of|at|to|from|about|and|or|with|is|between)|[,:])\s+(?:the\s+)?(\p{Lu}[\p{L}\p{N}'.-]*[\p{L}\p{N}](?:\s\p{Lu}[\p{L}\p{N}'-]+)*)/gu;
const NOT_NAMES = new Set(['Celsius', 'Fahrenheit', 'JSON', 'What', 'The']);

function numberIn(asked: string, name: string): number | undefined {
  const words = name.replaceAll('_', ' ');
  const near = new RegExp(`${escapePattern(words)}\\D{0,12}(-?\\d+(?:\\.\\d+)?)`, 'i').exec(asked)?.[1];
  const found = near ?? /-?\d+(?:\.\d+)?/.exec(asked)?.[0];
  return found === undefined ? undefined : Number(found);
}

function quotedText(asked: string): string | undefined {
  return /["“]([^"”]{1,200})["”]/.exec(asked)?.[1];
}

/** The text as a pattern that matches just it. */
export function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
