import type { Model } from './model.ts';

/** The models of one provider, ready to be found by any of the spellings of their names. */
export interface ModelIndex {
  /** By the provider's own names. */
  readonly byId: ReadonlyMap<string, Model>;
  /** By spelling: case, dots and prefixes evened out. Null marks a spelling that several models share. */
  readonly bySpelling: ReadonlyMap<string, Model | null>;
  /** By spelling without a date: the newest of a model's dated versions. */
  readonly byUndated: ReadonlyMap<string, Model>;
}

/** Makes the index of a provider's models. */
export function indexModels(models: readonly Model[]): ModelIndex {
  const byId = new Map<string, Model>();
  const bySpelling = new Map<string, Model | null>();
  const byUndated = new Map<string, Model>();
  for (const model of models) {
    byId.set(model.id, model);
    for (const spelling of spellingsOf(model.id)) {
      const taken = bySpelling.has(spelling);
      bySpelling.set(spelling, taken ? null : model);
    }
    addNewest(byUndated, model);
  }
  return { byId, bySpelling, byUndated };
}

/**
 * The model that a name means at this provider: the exact name first, then other spellings (`claude-sonnet-4.5`,
 * `models/gemini-2.5-flash`, `anthropic/claude-sonnet-4-5`), then without a date or `-latest`. A date never leads to
 * another date, because versions of a model differ in price. Null where no model is meant, or more than one could be.
 */
export function findModel(index: ModelIndex, name: string): Model | null {
  const exact = index.byId.get(name);
  if (exact !== undefined) return exact;
  for (const spelling of spellingsOf(name)) {
    const found = index.bySpelling.get(spelling);
    if (found) return found;
  }
  for (const spelling of spellingsOf(name)) {
    const found = findUndated(index, spelling);
    if (found !== null) return found;
  }
  return null;
}

function findUndated(index: ModelIndex, spelling: string): Model | null {
  const undated = spelling.replace(DATE, '');
  if (undated !== spelling) return index.bySpelling.get(undated) ?? null;
  const stem = spelling.replace(LATEST, '');
  return index.bySpelling.get(stem) ?? index.byUndated.get(stem) ?? null;
}

// The whole name, and the name without the vendor or path in front of it: resellers have it, first parties do not.
function spellingsOf(name: string): readonly string[] {
  const whole = name.toLowerCase().replaceAll('.', '-');
  const last = whole.slice(whole.lastIndexOf('/') + 1);
  return last === whole ? [whole] : [whole, last];
}

// Ids with equal stems differ only in their dates, so the greater text is the newer.
function addNewest(byUndated: Map<string, Model>, model: Model): void {
  for (const spelling of spellingsOf(model.id)) {
    const undated = spelling.replace(DATE, '');
    const known = byUndated.get(undated);
    if (undated !== spelling && (known === undefined || known.id < model.id)) byUndated.set(undated, model);
  }
}

// `-20250929`, `@20250929`, `-2025-04-14`. Four digits alone (`-2512`, `-0613`) are versions with prices of their own.
const DATE = /[-@](\d{8}|\d{4}-\d{2}-\d{2})$/;
const LATEST = /[-@:]latest$/;
