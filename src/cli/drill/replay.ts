import { readFile } from 'node:fs/promises';
import { didYouMean } from '../../base/nearest.ts';
import { CommandError } from '../exit.ts';
import { print, printJson } from '../terminal.ts';
import { wholeNumber } from './whole-number.ts';
import type { DrillOptions } from './options.ts';

const REQUESTS = 20_000;

/** Replays a file of real incidents on virtual time in this process, and tells what callers would have seen. */
export async function drillReplay(options: DrillOptions): Promise<void> {
  const { replayIncidents, reportText, REPLAY_MODES } = await import('../../compose/drill-tools.ts');
  const file = options.replay ?? '';
  const wanted = options.mode ?? 'conservative';
  const mode = REPLAY_MODES.find((each) => each === wanted);
  if (mode === undefined) {
    const hint = didYouMean(wanted, REPLAY_MODES) || `; known are ${REPLAY_MODES.join(' and ')}`;
    throw new CommandError('usage', `There is no mode "${wanted}"${hint}.`);
  }
  const { services, period } = options;
  const report = await replayIncidents({
    file,
    text: await textOf(file),
    mode,
    seed: wholeNumber(options.seed, '--seed') ?? 1,
    requests: wholeNumber(options.requests, '--requests') ?? REQUESTS,
    ...(services === undefined ? {} : { providers: services }),
    ...(period === undefined ? {} : { period }),
  });
  if (options.json) printJson(report);
  else print(reportText(report));
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError('usage', `The file "${file}" cannot be read: ${reason}.`);
  }
}
