import { typed } from '../typed.ts';
import { existsSync } from 'node:fs';
import { starterConfig, starterProviders } from '../../compose/starter.ts';
import { writeFileAtomic } from '../../node/files.ts';
import { createSecrets } from '../../node/secrets.ts';
import { CommandError } from '../exit.ts';
import { table } from '../format/table.ts';
import { configText } from '../init/config-text.ts';
import { askDecisions, type Decisions } from '../init/wizard.ts';
import { printJson, say } from '../terminal.ts';

interface InitOptions {
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

const DEFAULT_FILE = 'bellwether.yaml';
const DEFAULT_PORT = 8484;

/** `bellwether init [FILE]`: writes a first configuration over the providers whose keys the environment holds. */
export async function init(file: string | undefined, options: InitOptions): Promise<void> {
  const path = file ?? DEFAULT_FILE;
  if (existsSync(path) && !options.force) {
    throw new CommandError('failure', `${path} is there already and stays as it is. --force overwrites it.`);
  }
  const secrets = createSecrets();
  const hasSecret = (reference: string): boolean => secrets.resolve(reference) !== null;
  const providers = starterProviders(hasSecret);
  const found = providers.filter((each) => each.found);
  const standard: Decisions = { kinds: found.map(({ kind }) => kind), port: DEFAULT_PORT };
  const decisions = mayAsk(options) ? await askDecisions(providers, DEFAULT_PORT) : standard;
  if (decisions === null) return;
  const { sections, simulated } = starterConfig(decisions.kinds, hasSecret);
  // Readable by all: it holds references to keys and no keys.
  await writeFileAtomic(path, configText({ sections, simulated, port: decisions.port }), 0o644);
  if (options.json) printJson({ file: path, providers: simulated ? [] : decisions.kinds, simulated });
  else say(report(path, simulated, decisions.kinds, providers));
}

function mayAsk({ yes, json }: InitOptions): boolean {
  return !yes && !json && process.stdin.isTTY && process.stdout.isTTY;
}

function report(
  path: string,
  simulated: boolean,
  kinds: readonly string[],
  providers: readonly { readonly kind: string; readonly variable: string; readonly found: boolean }[],
): string {
  const missing = providers.filter(({ kind, found }) => kinds.includes(kind) && !found);
  const over = simulated ? 'simulated providers' : kinds.join(', ');
  const named = path === DEFAULT_FILE ? '' : path;
  return [
    `${path} is written, over ${over}.`,
    ...missing.map(({ kind, variable }) => `Set ${variable} before the start: ${kind} needs it.`),
    '',
    table([
      [typed(`check ${named}`).trim(), 'tells what it means'],
      [typed(named === '' ? 'serve' : `serve --config ${named}`), 'starts it'],
    ]),
  ].join('\n');
}
