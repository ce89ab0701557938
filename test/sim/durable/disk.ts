import type { Random } from '../../../src/spec/ports.ts';

interface Version<Row> {
  /** Number of the write; 0 for what was there before all that may be lost. */
  readonly write: number;
  /** Null: it is deleted. */
  readonly row: Row | null;
}

/** The rows of a store, with the versions that a power cut could still bring back. */
export class Disk<Row> {
  // Of each row what is safe first, what is in force last.
  #rows = new Map<string, Version<Row>[]>();
  #writes = 0;
  /** Last write that was safe. */
  #safe = 0;

  /** The rows in force, by id, in the order of their first writing. */
  get rows(): readonly (readonly [string, Row])[] {
    return [...this.#rows].flatMap(([id, versions]) => {
      const row = versions.at(-1)?.row ?? null;
      return row === null ? [] : [[id, row] as const];
    });
  }

  /** A row in force; null where there is none. */
  row(id: string): Row | null {
    return this.#rows.get(id)?.at(-1)?.row ?? null;
  }

  /** One writing; `safe` where whoever wrote it may rely on it. */
  write(changes: readonly (readonly [string, Row | null])[], safe: 'tail' | 'rows' | null): void {
    this.#writes += 1;
    for (const [id, row] of changes) {
      const versions = this.#rows.get(id) ?? [{ write: 0, row: null }];
      versions.push({ write: this.#writes, row });
      this.#rows.set(id, versions);
    }
    if (safe === null) return;
    this.#safe = this.#writes;
    // What is safe in a log makes safe all that stands before it.
    const ids = safe === 'tail' ? [...this.#rows.keys()] : changes.map(([id]) => id);
    for (const id of ids) this.#rows.get(id)?.splice(0, Infinity, { write: 0, row: this.row(id) });
  }

  /** The power goes: of what was not safe a part that chance picks stays. Whether anything was lost. */
  cut(random: Random, loses: 'tail' | 'rows'): boolean {
    const upTo = this.#safe + Math.floor(random.next() * (this.#writes - this.#safe + 1));
    let lost = false;
    for (const [id, versions] of this.#rows) {
      const count =
        loses === 'tail'
          ? Math.max(1, versions.filter(({ write }) => write <= upTo).length)
          : 1 + Math.floor(random.next() * versions.length);
      lost ||= count < versions.length;
      const row = versions[count - 1]?.row ?? null;
      this.#rows.set(id, [{ write: 0, row }]);
    }
    this.#safe = this.#writes;
    return lost;
  }
}
