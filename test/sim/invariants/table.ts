import type { Check, History, Invariant } from '../history/history.ts';
import {
  booksUsage,
  endsHonestly,
  finishesTools,
  holdsBack,
  resumesByPolicy,
  speaksAtOnce,
  stopsForWhoLeft,
  tellsTheReference,
} from './answers.ts';
import {
  comesBack,
  doesNotFlap,
  keepsRetryBudget,
  leavesOpenCircuitsAlone,
  opensForFaultsOnly,
  waitsOutLimits,
} from './circuits.ts';
import {
  blamesCallers,
  cancelsLosers,
  endsOnceInTime,
  goesElsewhereAtOnce,
  neverNoCandidate,
  staysAllowed,
  succeedsWhereOneIsWell,
} from './failover.ts';
import { keepsStateOverReloads, leavesNothingBehind, logsNoFault } from './operation.ts';

/**
 * Why an invariant cannot hold yet. Take a line out as soon as the part is there: from then on it must hold. A pending one
 * is still checked and its violations are counted, so that nobody has to guess whether it could be taken out.
 */
export const PENDING: { readonly [id: string]: string } = {
  'A5.probe':
    'a circuit takes the first content of a probe for its success, so that a long stream need not end first',
};

/** Everything that must hold of every history; ids as in the design, `Z` for what goes without saying. */
export const INVARIANTS: readonly Invariant[] = [
  invariant('A1', 'A request ends exactly once, within its deadline.', endsOnceInTime),
  invariant(
    'A2',
    'Where an allowed provider is well throughout, the request succeeds.',
    succeedsWhereOneIsWell,
  ),
  invariant('A3', 'An open circuit is left alone but for one probe at a time.', leavesOpenCircuitsAlone),
  invariant('A4', 'Repetitions and hedges stay within their budget.', keepsRetryBudget),
  invariant('A4.waited', 'Also not by those who waited for their repetition.'),
  invariant('A5', 'Faults of callers hurt no provider and are repeated nowhere.', blamesCallers),
  invariant('A5.counts', 'Faults of providers always count; only they open circuits.', opensForFaultsOnly),
  invariant('A5.probe', 'A probe that failed is no recovery.'),
  invariant('A6', 'A limit is waited out to the time that the provider told.', waitsOutLimits),
  invariant('A6.waited', 'Also by repetitions that waited, where it was told again meanwhile.'),
  invariant('A6.both', 'Also where a quota or a key is a second reason to leave it alone.'),
  invariant('A6.long', 'A quota or a dead key parks long.'),
  invariant('A6.elsewhere', 'Another key or provider is called at once.', goesElsewhereAtOnce),
  invariant('A7', 'A provider that recovered gets traffic again.', comesBack),
  invariant('A8', 'Circuits do not flap.', doesNotFlap),
  invariant('A9', 'Never zero candidates while one exists.', neverNoCandidate),
  invariant('A10', 'Allow lists hold on every call.', staysAllowed),
  invariant('A12', 'Losers are cancelled, and every call stands in the log.', cancelsLosers),
  invariant(
    'C1',
    'What a client has is the beginning of the answer, and all of it at a good end.',
    tellsTheReference,
  ),
  invariant('C1.empty', 'An answer that says nothing is not passed off as one.'),
  invariant('C2', 'One end, and nothing behind it.', endsHonestly),
  invariant('C3', 'A stream without its finish is never a success.'),
  invariant('C4', 'Usage is booked once.', booksUsage),
  invariant('C5', 'Calls of tools are complete, their ids stable.', finishesTools),
  invariant('C5.resume', 'A call of a tool that broke off goes on exactly, or is told as an error.'),
  invariant(
    'C6',
    'After content: go on or tell the error, by policy; never start again unseen.',
    resumesByPolicy,
  ),
  invariant('C6.resume', 'An answer in words that broke off goes on where a provider is well.'),
  invariant('C7', 'Id, role and model stay the same for the client.'),
  invariant('C8', 'Who leaves is worked for no longer, and what was used is booked.', stopsForWhoLeft),
  invariant('C9', 'A slow reader fills no memory.', holdsBack),
  invariant('C10', 'The first piece is not held back.', speaksAtOnce),
  invariant('F1', 'A request sees one configuration.'),
  invariant('F2', 'A wrong configuration is refused whole.'),
  invariant('F3', 'Circuits and limits outlive a reload.', keepsStateOverReloads),
  invariant('F4', 'A key that was removed is not used.'),
  invariant('F5', 'Reloads and requests leave nothing behind.', leavesNothingBehind),
  invariant('Z1', 'The gateway has no fault of its own.', logsNoFault),
];

// Several may be found by one check, which then stands at the first of them.
function invariant(id: string, says: string, check: (history: History) => Check = () => ({})): Invariant {
  return { id, says, pending: PENDING[id] ?? null, check };
}
