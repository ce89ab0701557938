import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Samples } from './samples.ts';

/** A goal of budget.json: a figure of one measure, what it must reach, and what it is to reach in the end. */
export interface Goal {
  readonly measure: string;
  readonly figure: FigureName;
  readonly better: 'higher' | 'lower';
  readonly must: number;
  readonly reach: number;
}

/** How a measure of the gateway is looked at: as it is, beside a reference, or beside itself without translation. */
export type FigureName = 'own' | 'share-of-nginx' | 'times-portkey' | 'share-of-same-wire';

/** How a goal was met: beyond `reach`, at least `must`, neither, or not measured in this run. */
export type Verdict = 'reached' | 'met' | 'missed' | 'not measured';

/** The goals of budget.json. */
export function readBudget(): readonly Goal[] {
  return JSON.parse(readFileSync(path.join(import.meta.dirname, 'budget.json'), 'utf8'));
}

/** A figure of the gateway in this run; null where it, or what it is compared with, was not measured. */
export function figure(samples: Samples, measure: string, name: FigureName): number | null {
  const own = samples.of(measure, 'gateway')?.median ?? null;
  const base = baseOf(samples, measure, name);
  if (own === null || base === null) return null;
  switch (name) {
    case 'own':
      return own;
    case 'times-portkey':
      return own / base;
    case 'share-of-nginx':
    case 'share-of-same-wire':
      return (own / base) * 100;
  }
}

function baseOf(samples: Samples, measure: string, name: FigureName): number | null {
  switch (name) {
    case 'own':
      return 1;
    case 'share-of-nginx':
      return samples.of(measure, 'nginx')?.median ?? null;
    case 'times-portkey':
      return samples.of(measure, 'portkey')?.median ?? null;
    case 'share-of-same-wire':
      return samples.of(measure.replace(/-(anthropic|gemini)\./, '-openai.'), 'gateway')?.median ?? null;
  }
}

/** Judges a goal by what this run measured. */
export function verdict(samples: Samples, goal: Goal): Verdict {
  const value = figure(samples, goal.measure, goal.figure);
  if (value === null) return 'not measured';
  const passes = (limit: number): boolean => (goal.better === 'higher' ? value >= limit : value <= limit);
  if (passes(goal.reach)) return 'reached';
  return passes(goal.must) ? 'met' : 'missed';
}
