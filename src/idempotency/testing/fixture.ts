import { textToBytes } from '../../base/bytes.ts';
import type { IdempotencyConfig } from '../../config/config.ts';
import type { Begun } from '../../gateway/answer-keeper.ts';
import type { Sink } from '../../gateway/call.ts';
import { MemoryAnswerStore } from '../../store/memory/answer-store.ts';
import type { AnswerStore } from '../../store/store.ts';
import { virtualRuntime } from '../../testing/virtual-runtime.ts';
import { Answers } from '../answers.ts';

/** Small bounds, so that tests reach them. */
export const CONFIG: IdempotencyConfig = { keepMs: 1_000_000, entriesMax: 100, answerBytesMax: 1_000 };

/** Answers on virtual time over a store, and a way to ask as a client does. */
export function setUp(store: AnswerStore = new MemoryAnswerStore(), config: IdempotencyConfig = CONFIG) {
  const virtual = virtualRuntime();
  const { clock, crypto, log } = virtual.runtime;
  const answers = new Answers({ store, deletes: 'on-time', clock, crypto, log, config: () => config });
  const ask = (sink: Sink, asked: { key?: string; keyId?: string; content?: string } = {}): Promise<Begun> =>
    answers.begin({ key: 'k1', keyId: 'tenant', content: 'POST {}', ...asked, sink });
  return { virtual, clock: virtual.clock, answers, ask, store };
}

/** Asks as the first of its key, and gives the sink to answer to. */
export async function first(begun: Promise<Begun>): Promise<Sink> {
  const outcome = await begun;
  if (outcome.type !== 'run') throw new Error(`it should run, not be ${outcome.type}`);
  return outcome.sink;
}

/** Text as bytes. */
export function bytes(text: string) {
  return textToBytes(text);
}
