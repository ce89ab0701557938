import type { VariantName } from './options.ts';
import { summarise, type Summary } from './statistics.ts';

/** Everything that was measured: numbers by measure (such as `json-c64.cpu-us`) and variant. */
export class Samples {
  readonly #values = new Map<string, number[]>();
  readonly notes: string[] = [];

  add(measure: string, variant: VariantName, value: number): void {
    const key = `${measure} ${variant}`;
    const values = this.#values.get(key);
    if (values === undefined) this.#values.set(key, [value]);
    else values.push(value);
  }

  /** The summary of a measure for a variant; null where it was not measured. */
  of(measure: string, variant: VariantName): Summary | null {
    return summarise(this.#values.get(`${measure} ${variant}`) ?? []);
  }

  /** Whether anything was measured of a variant. */
  has(variant: VariantName): boolean {
    return [...this.#values.keys()].some((key) => key.endsWith(` ${variant}`));
  }

  /** Says something about this run that a reader of the figures must know. */
  note(text: string): void {
    const line = text.replaceAll(/\s+/g, ' ').slice(0, NOTE_CHARS_MAX);
    if (!this.notes.includes(line)) this.notes.push(line);
  }

  /** Everything as plain data, for a file beside the report. */
  toJSON(): Readonly<Record<string, readonly number[]>> {
    return Object.fromEntries(this.#values);
  }
}

const NOTE_CHARS_MAX = 600;
