import { isDeepStrictEqual } from 'node:util';
import type { Counts, Reading } from './oracle/reading.ts';
import type { Wire } from './wires.ts';

/** What is compared between a recording and what our client got. */
export const ASPECTS = ['failure', 'text', 'reasoning', 'calls', 'finish', 'usage'] as const;
export type Aspect = (typeof ASPECTS)[number];

/** Where two readings differ, given what the client's wire can say at all; a sentence for each aspect that differs. */
export function differences(wire: Wire, recorded: Reading, given: Reading): ReadonlyMap<Aspect, string> {
  const found = new Map<Aspect, string>();
  const note = (aspect: Aspect, wanted: unknown, got: unknown): void => {
    if (!isDeepStrictEqual(wanted, got)) found.set(aspect, `recorded ${brief(wanted)}, given ${brief(got)}`);
  };
  const broken = recorded.failed || recorded.finish === null;
  note('failure', broken, given.failed);
  // What came before a failure has been checked on the way; a whole answer that fails has nothing else to say.
  if (broken || given.failed) return found;
  note('text', recorded.text, given.text);
  note('reasoning', recorded.reasoning, given.reasoning);
  note('calls', recorded.calls, given.calls);
  note('finish', wire.finishes[recorded.finish] ?? recorded.finish, given.finish);
  if (recorded.usage !== null)
    note('usage', told(wire, recorded.usage), given.usage && told(wire, given.usage));
  return found;
}

// The totals, and the parts that the wire can tell apart.
function told(wire: Wire, counts: Counts): Partial<Counts> {
  return Object.fromEntries(
    Object.entries(counts).filter(([name]) => !wire.untold.some((untold) => untold === name)),
  );
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 300 ? `${text.slice(0, 200)}…${text.slice(-90)}` : text;
}
