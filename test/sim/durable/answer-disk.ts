import type { Random } from '../../../src/spec/ports.ts';
import { MemoryAnswerStore } from '../../../src/store/memory/answer-store.ts';
import type { AnswerStore, KeptAnswer } from '../../../src/store/store.ts';
import { Disk } from './disk.ts';
import type { Line } from './line.ts';
import type { ScriptDisk } from './script.ts';

/** The kept answers' part of the simulated machine. Nobody waits for their disk: a power cut takes the last ones. */
export class AnswerDisk {
  readonly #loses: ScriptDisk['loses'];
  readonly #disk = new Disk<KeptAnswer>();
  #memory = new MemoryAnswerStore();

  constructor(loses: ScriptDisk['loses']) {
    this.#loses = loses;
  }

  get rows(): readonly KeptAnswer[] {
    return this.#disk.rows.map(([, row]) => row);
  }

  /** The store as a process sees it. */
  seenFrom(line: Line): AnswerStore {
    return {
      put: (answers) =>
        line.call('answers', async () => {
          await this.#memory.put(answers);
          await this.#written(answers.map(({ id }) => id));
        }),
      get: (id) => line.call('answers', () => this.#memory.get(id)),
      prune: (pruning) =>
        line.call('answers', async () => {
          await this.#memory.prune(pruning);
          await this.#written(this.#disk.rows.map(([id]) => id));
        }),
    };
  }

  /** The power goes and comes back. */
  async cut(random: Random): Promise<void> {
    if (!this.#disk.cut(random, this.#loses)) return;
    this.#memory = new MemoryAnswerStore();
    await this.#memory.put(this.rows);
  }

  async #written(ids: readonly string[]): Promise<void> {
    const changes: [string, KeptAnswer | null][] = [];
    for (const id of ids) {
      const found = await this.#memory.get(id);
      if (found !== this.#disk.row(id)) changes.push([id, found]);
    }
    this.#disk.write(changes, null);
  }
}
