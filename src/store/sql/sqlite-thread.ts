import { Worker } from 'node:worker_threads';
import { assert } from '../../base/assert.ts';
import { StoreError } from '../store-error.ts';
import type { SqliteOptions } from './dialect-sqlite.ts';
import { packValues } from './packed-values.ts';
import type { SqlBatch, SqlDatabase, SqlQuery, SqlRow } from './sql.ts';
import type { ThreadReply, ThreadRequest, ThreadStart, ThreadValue } from './sqlite-messages.ts';

/** Opens a SQLite database in a thread of its own. Rejects with the `StoreError` that opening it here would throw. */
export async function openSqliteThread({ path, clock }: SqliteOptions): Promise<SqlDatabase> {
  const start: ThreadStart = { path, nowMs: clock.nowMs() };
  const thread = new SqliteThread(new Worker(WORKER, { workerData: start }), path);
  await thread.opened;
  return thread;
}

const WORKER = import.meta.url.endsWith('.ts')
  ? new URL('./sqlite-worker.ts', import.meta.url)
  : new URL('./sqlite-worker.js', import.meta.url);

interface Waiting {
  readonly resolve: (value: ThreadValue) => void;
  readonly reject: (error: StoreError) => void;
}

class SqliteThread implements SqlDatabase {
  readonly #worker: Worker;
  readonly #path: string;
  readonly #waiting = new Map<number, Waiting>();
  // The text of a statement is put together once per place in the source.
  readonly #texts = new WeakMap<readonly string[], string>();
  readonly opened: Promise<unknown>;
  #lastId = 0;
  #ended: string | null = null;
  #closing: Promise<void> | null = null;

  constructor(worker: Worker, path: string) {
    this.#worker = worker;
    this.#path = path;
    this.opened = new Promise((resolve, reject) => {
      this.#waiting.set(0, { resolve, reject });
    });
    worker.on('message', (reply: ThreadReply) => this.#receive(reply));
    worker.on('error', (error) => this.#end(`its thread failed: ${String(error)}`));
    worker.on('exit', () => this.#end('it is closed'));
  }

  async all(query: SqlQuery): Promise<readonly SqlRow[]> {
    const value = await this.#ask({ type: 'all', text: this.#text(query), values: query.values });
    assert(value.type === 'rows', 'a query is answered with rows');
    return value.rows;
  }

  async durably(query: SqlQuery): Promise<readonly SqlRow[]> {
    const value = await this.#ask({ type: 'durably', text: this.#text(query), values: query.values });
    assert(value.type === 'rows', 'a query is answered with rows');
    return value.rows;
  }

  async run(query: SqlQuery): Promise<number> {
    const value = await this.#ask({ type: 'run', text: this.#text(query), values: query.values });
    assert(value.type === 'count', 'a statement is answered with a count');
    return value.count;
  }

  async batch({ strings, width, values }: SqlBatch): Promise<void> {
    const packed = packValues(values);
    if (packed === null)
      throw new StoreError('rejected', 'An integer of more than 64 bits cannot be stored.');
    await this.#ask({ type: 'batch', text: this.#text({ strings }), width, values: packed });
  }

  async close(): Promise<void> {
    if (this.#ended !== null) return;
    this.#closing ??= this.#ask({ type: 'close' }).then(async () => {
      await this.#worker.terminate();
    });
    await this.#closing;
  }

  #ask(request: Unnumbered<ThreadRequest>): Promise<ThreadValue> {
    if (this.#ended !== null) return Promise.reject(this.#unavailable(this.#ended));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      // An idle database must not keep the process alive, one that owes an answer must.
      this.#worker.ref();
      try {
        this.#worker.postMessage({ ...request, id }, buffersOf(request));
      } catch (error) {
        this.#waiting.delete(id);
        reject(new StoreError('rejected', `A value cannot be stored: ${String(error)}.`, error));
      }
    });
  }

  #receive(reply: ThreadReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if (reply.type === 'done') waiting?.resolve(reply.value);
    else waiting?.reject(new StoreError(reply.kind, reply.message));
  }

  #end(why: string): void {
    this.#ended ??= why;
    for (const { reject } of this.#waiting.values()) reject(this.#unavailable(why));
    this.#waiting.clear();
  }

  #unavailable(why: string): StoreError {
    return new StoreError('unavailable', `The database ${this.#path} cannot be used: ${why}.`);
  }

  #text({ strings }: Pick<SqlQuery, 'strings'>): string {
    let text = this.#texts.get(strings);
    if (text === undefined) {
      text = strings.join('?');
      this.#texts.set(strings, text);
    }
    return text;
  }
}

type Unnumbered<Request> = Request extends unknown ? Omit<Request, 'id'> : never;

// Buffers of a batch change hands instead of being copied; nobody here looks at them again.
function buffersOf(request: Unnumbered<ThreadRequest>): ArrayBuffer[] {
  return request.type === 'batch' ? [request.values.kinds.buffer, request.values.slots] : [];
}
