// The thread in which a SQLite database lives: opens it, answers one request after the other, closes it.
import { parentPort, workerData } from 'node:worker_threads';
import { assert, unreachable } from '../../base/assert.ts';
import { openSqlite } from './dialect-sqlite.ts';
import { unpackValues } from './packed-values.ts';
import type { SqlDatabase } from './sql.ts';
import { sqliteError } from './sqlite-error.ts';
import type { ThreadReply, ThreadRequest, ThreadStart, ThreadValue } from './sqlite-messages.ts';

const port = parentPort;
assert(port !== null, 'this file is the start of a thread');
const { path, nowMs }: ThreadStart = workerData;

try {
  const database = openSqlite({ path, clock: { nowMs: () => nowMs } });
  port.on('message', (request: ThreadRequest) => void reply(database, request));
  send({ id: 0, type: 'done', value: nothing() });
} catch (error) {
  send(failure(0, error));
}

async function reply(database: SqlDatabase, request: ThreadRequest): Promise<void> {
  try {
    send({ id: request.id, type: 'done', value: await work(database, request) });
  } catch (error) {
    send(failure(request.id, error));
  }
  // Nothing keeps the thread alive any longer.
  if (request.type === 'close') port?.close();
}

async function work(database: SqlDatabase, request: ThreadRequest): Promise<ThreadValue> {
  switch (request.type) {
    case 'all':
      return { type: 'rows', rows: await database.all({ strings: [request.text], values: request.values }) };
    case 'durably':
      return {
        type: 'rows',
        rows: await database.durably({ strings: [request.text], values: request.values }),
      };
    case 'run':
      return {
        type: 'count',
        count: await database.run({ strings: [request.text], values: request.values }),
      };
    case 'batch':
      await database.batch({
        strings: [request.text],
        width: request.width,
        values: unpackValues(request.values),
      });
      return nothing();
    case 'close':
      await database.close();
      return nothing();
    default:
      return unreachable(request);
  }
}

function send(message: ThreadReply): void {
  port?.postMessage(message);
}

function failure(id: number, error: unknown): ThreadReply {
  const { kind, message } = sqliteError(error, path);
  return { id, type: 'failed', kind, message };
}

function nothing(): ThreadValue {
  return { type: 'nothing' };
}
