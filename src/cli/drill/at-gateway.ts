import { readTimeSpan } from '../../base/time-span.ts';
import { listenForSignals } from '../../node/signals.ts';
import type { DrillAnswer } from '../admin/answers.ts';
import { openRunningAdmin, type AdminDoor } from '../admin/door.ts';
import { CommandError, EXIT } from '../exit.ts';
import { counted, localTime } from '../format/amount.ts';
import { paint, print, printJson, say } from '../terminal.ts';
import { drillText } from './drill-text.ts';
import { LiveLine } from './live-line.ts';
import type { DrillOptions } from './options.ts';

const LOOK_EVERY_MS = 1_000;
/** How long requests that met the fault may take behind the end of the drill before it is told without them. */
const PATIENCE_MS = 60_000;

/** Makes a provider of the running gateway fail for a while, waits, and tells what came of it. Exits with 1 if anything was lost. */
export async function drillAtGateway(options: DrillOptions): Promise<void> {
  const body = orderOf(options);
  const admin = await openRunningAdmin(options);
  const started = await admin.call<DrillAnswer>({ method: 'POST', path: '/drills', body });
  say(
    `${paint('yellow', `Drill: ${started.provider} has the fault "${started.fault}"`, process.stderr)} in ` +
      `${body.share >= 1 ? 'all' : `${body.share * 100} %`} of its calls until ${localTime(started.until)}. Ctrl-C ends it.`,
  );
  const ended = await watched(admin, started);
  if (options.json) printJson(ended);
  else print(drillText(ended));
  if (ended.report.lost > 0) process.exitCode = EXIT.failure;
}

interface Order {
  readonly provider: string;
  readonly fault: string;
  readonly share: number;
  readonly seconds: number;
}

function orderOf(options: DrillOptions): Order {
  const { provider = '', fault } = options;
  if (fault === undefined)
    throw new CommandError('usage', 'Say what goes wrong with --fault, such as down, 429 or cut:5.');
  const share = options.share === undefined ? 1 : Number(options.share);
  if (!(share > 0 && share <= 1))
    throw new CommandError('usage', `--share takes a number above 0, at most 1, not "${options.share}".`);
  const ms = readTimeSpan(options.for ?? '60s');
  if (ms === null || ms <= 0)
    throw new CommandError('usage', `--for takes a time such as 60s, 15m or 12h, not "${options.for}".`);
  return { provider, fault, share, seconds: ms / 1000 };
}

async function watched(admin: AdminDoor, started: DrillAnswer): Promise<DrillAnswer> {
  const path = `/drills/${encodeURIComponent(started.id)}`;
  const line = new LiveLine();
  const patience = new Patience();
  const quiet = listenForSignals({
    onStop: () => {
      say('The drill is being ended.');
      admin.call({ method: 'DELETE', path }).catch((error: unknown) => {
        say(`The drill could not be ended, but ends by itself: ${String(error)}`);
      });
    },
    onForcedStop: () => process.exit(EXIT.failure),
    onReload: () => undefined,
  });
  try {
    for (;;) {
      const drill = await admin.call<DrillAnswer>({ method: 'GET', path });
      line.show(liveText(drill));
      if (patience.isOver(drill)) return drill;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  } finally {
    line.clear();
    quiet();
  }
}

/** Says when a drill that is over need not be waited for any longer. */
class Patience {
  #lookedMs = 0;

  isOver({ ended_at: endedAt, report }: DrillAnswer): boolean {
    if (endedAt === null) return false;
    this.#lookedMs += LOOK_EVERY_MS;
    return report.under_way === 0 || this.#lookedMs > PATIENCE_MS;
  }
}

function liveText({ report }: DrillAnswer): string {
  const { requests, met, under_way: underWay, lost } = report;
  const told = `${counted(requests, 'request')}, ${met} met the fault, ${underWay} under way, ${lost} lost`;
  return lost > 0 ? paint('red', told, process.stderr) : told;
}
