import { field, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Warnings } from '../warnings.ts';
import { CACHE_BREAKPOINTS_MAX } from './wire.ts';

/**
 * The body with at most as many cache breakpoints as the API accepts. The earliest among the messages go first: the prefix
 * that they mark is covered by the later ones, while tools and system prompt are worth their own.
 */
export function limitBreakpoints(body: JsonObject, warnings: Warnings): JsonObject {
  const allowed = CACHE_BREAKPOINTS_MAX - (isObject(field(body, 'cache_control')) ? 1 : 0);
  const total = FIELDS.reduce((sum, name) => sum + count(body[name]), 0);
  if (total <= allowed) return body;
  warnings.add(
    'dropped',
    'cache',
    `Of ${total} cache breakpoints the API takes ${allowed}; the earliest were left out.`,
  );
  const budget = { surplus: total - allowed };
  const limited = { ...body };
  for (const name of FIELDS) {
    const value = limited[name];
    if (value !== undefined && budget.surplus > 0) limited[name] = strip(value, budget);
  }
  return limited;
}

// In the order in which breakpoints are given up.
const FIELDS = ['messages', 'system', 'tools'] as const;

// Breakpoints stand on blocks, on tools and on blocks inside of tool results; never inside of a tool's own data.
const NESTED: ReadonlySet<string> = new Set(['content']);

function count(value: Json | undefined): number {
  if (isArray(value)) return value.reduce<number>((sum, item) => sum + count(item), 0);
  if (!isObject(value)) return 0;
  let total = isObject(value['cache_control']) ? 1 : 0;
  for (const key of NESTED) total += count(value[key]);
  return total;
}

function strip(value: Json, budget: { surplus: number }): Json {
  if (budget.surplus === 0) return value;
  if (isArray(value)) return value.map((item) => strip(item, budget));
  if (!isObject(value)) return value;
  const content = value['content'];
  const stripped = isArray(content) ? { ...value, content: strip(content, budget) } : value;
  if (budget.surplus === 0 || !isObject(stripped['cache_control'])) return stripped;
  budget.surplus -= 1;
  const { cache_control: _removed, ...rest } = stripped;
  return rest;
}
