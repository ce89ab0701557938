import { answersOnce, blamesTheStoreAlone, writesAtTheEnd } from './checks-answers.ts';
import {
  buriesTheLate,
  commitsOnce,
  handsBack,
  keepsOrder,
  losesNothing,
  stopsThePoison,
  tellsTheNews,
} from './checks-queue.ts';
import type { DurableCheck, DurableHistory, DurableInvariant } from './facts.ts';

/** Everything that must hold of every history of queue and kept answers; ids as in the design. */
export const DURABLE_INVARIANTS: readonly DurableInvariant[] = [
  invariant('D1', 'What was acknowledged is answered, or dead with a reason.', losesNothing),
  invariant('D1.refused', 'What was refused is not run by the process that refused it.'),
  invariant('D1.cancelled', 'What was cancelled is gone.'),
  invariant('D2', 'The same key and body give the same answer.', answersOnce),
  invariant('D2.once', 'What is asked several times at once is served once.'),
  invariant('D2.kept', 'An answer in the store is given by the next process too.'),
  invariant('D2.other', 'Only another body is refused as another request.'),
  invariant('D2.end', 'Who asks gets one end.'),
  invariant('D3', 'A job has one result, and it stays.', commitsOnce),
  invariant('D7', 'Only who holds the last lease writes, and once.'),
  invariant(
    'D3.webhook',
    'A webhook hears of its job at least once, by one id and with one content.',
    tellsTheNews,
  ),
  invariant('D3.event', 'The end of a job is announced once.'),
  invariant('D4', 'A conversation goes on in its order.', keepsOrder),
  invariant('D5', 'What is too late is not begun, and is told as that.', buriesTheLate),
  invariant('D6', 'No job is run for ever.', stopsThePoison),
  invariant('E1', 'A drain ends in time with nothing under way.', handsBack),
  invariant('E4', 'What a drain cuts goes back to the queue, or is told of.'),
  invariant(
    'E4.answers',
    'What was answered before a drain is in the store after it, or it is told of.',
    writesAtTheEnd,
  ),
  invariant('Z1', 'Faults of the store are not taken for our own.', blamesTheStoreAlone),
];

// Several may be found by one check, which then stands at the first of them.
function invariant(
  id: string,
  says: string,
  check: (history: DurableHistory) => DurableCheck = () => ({}),
): DurableInvariant {
  return { id, says, check };
}
