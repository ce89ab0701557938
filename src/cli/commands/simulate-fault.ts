import { faultAsInput, faultOrReason } from '../../compose/simulate.ts';
import { openRunningAdmin, type AdminOptions } from '../admin/door.ts';
import { CommandError } from '../exit.ts';
import { printJson, say } from '../terminal.ts';

interface FaultOptions extends AdminOptions {
  readonly json?: boolean;
  readonly share?: string;
}

/** `bellwether simulate fault PROVIDER FAULT`: breaks or mends a simulated provider of the running gateway. */
export async function simulateFault(provider: string, fault: string, options: FaultOptions): Promise<void> {
  const body = { fault: faultInput(fault), share: shareOf(options.share) };
  const admin = await openRunningAdmin(options);
  const path = `/simulator/${encodeURIComponent(provider)}/fault`;
  const answer = await admin.call({ method: 'POST', path, body });
  if (options.json) printJson(answer);
  else if (body.fault === null) say(`${provider} is well again.`);
  else say(`${provider} has the fault "${fault}" from its next request on. "none" makes it well.`);
}

function faultInput(text: string): object | null {
  if (text === 'none') return null;
  const found = faultOrReason(text);
  if (found.type === 'fault') return faultAsInput(found.fault);
  throw new CommandError('usage', found.reason);
}

function shareOf(text: string | undefined): number {
  const share = text === undefined ? 1 : Number(text);
  if (share >= 0 && share <= 1) return share;
  throw new CommandError('usage', `--share takes a number from 0 to 1, not "${text}".`);
}
