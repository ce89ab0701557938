import { asNumber, type Json } from '../../base/json.ts';
import type { Dice } from './dice.ts';
import { typeOf, type FlatSchema } from './schema-flatten.ts';

/** A number within the schema's bounds and on its grid: the hint where it fits, else a likely one for the name. */
export function numberOf(schema: FlatSchema, name: string, dice: Dice, hint: Json | undefined): number {
  const range = rangeOf(schema);
  const wanted = asNumber(hint) ?? likely(name, dice, range.step);
  return onGrid(Math.min(Math.max(wanted, range.low), range.high), range);
}

interface Range {
  readonly low: number;
  readonly high: number;
  /** Distance of allowed values from each other; 0 where all are allowed. */
  readonly step: number;
}

function rangeOf(schema: FlatSchema): Range {
  const whole = typeOf(schema) === 'integer';
  const multiple = asNumber(schema['multipleOf']) ?? 0;
  const step = whole ? Math.max(1, multiple) : multiple;
  const low = asNumber(schema['minimum']) ?? -Infinity;
  const high = asNumber(schema['maximum']) ?? Infinity;
  const above = asNumber(schema['exclusiveMinimum']) ?? -Infinity;
  const below = asNumber(schema['exclusiveMaximum']) ?? Infinity;
  // A little inside an open bound: half a step on a grid, else a part of the way to the other bound.
  const inset = step > 0 ? step / 2 : gap(Math.max(low, above), Math.min(high, below));
  return { low: Math.max(low, above + inset), high: Math.min(high, below - inset), step };
}

function gap(low: number, high: number): number {
  return Number.isFinite(low) && Number.isFinite(high) ? Math.min(1, (high - low) / 4) : 1;
}

function onGrid(value: number, { low, high, step }: Range): number {
  if (step === 0) return value;
  const nearest = Math.round(value / step);
  for (let offset = 0; offset < GRID_TRIES; offset += 1) {
    for (const k of [nearest + offset, nearest - offset]) {
      const candidate = k * step;
      // Not every multiple of a fraction divides evenly in floating point; such a value would be refused.
      if (candidate >= low && candidate <= high && Number.isInteger(candidate / step)) return candidate + 0;
    }
  }
  return nearest * step;
}

const GRID_TRIES = 100;

function likely(name: string, dice: Dice, step: number): number {
  for (const [pattern, value] of LIKELY) {
    if (pattern.test(name)) return value;
  }
  const whole = 1 + dice.below(100);
  return step === 0 ? whole + dice.below(10) / 10 : whole;
}

const LIKELY: readonly (readonly [pattern: RegExp, value: number])[] = [
  [/age$/i, 34],
  [/year/i, 2024],
  [/temperature/i, 21],
  [/price|cost|amount/i, 19.5],
  [/lat(itude)?$/i, 48.85],
  [/lo?ng(itude)?$/i, 2.35],
  [/score|confidence|probability|rating/i, 0.9],
];
