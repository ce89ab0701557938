import { inspect } from '../../compose/inspect.ts';
import { previewGateway } from '../../compose/preview.ts';
import { ConfigError } from '../../config/config-error.ts';
import { catalogueFindings, newestPriceDay } from '../doctor/catalogue.ts';
import { ceilingFindings } from '../doctor/ceiling.ts';
import { databaseFinding } from '../doctor/database.ts';
import { fine, wrong, type Finding } from '../doctor/finding.ts';
import { clockFinding, folderFinding, nodeFinding, portFinding } from '../doctor/machine.ts';
import { providerFindings } from '../doctor/providers.ts';
import { EXIT } from '../exit.ts';
import { counted } from '../format/amount.ts';
import { wrapped } from '../format/table.ts';
import { readSettings, type Settings, type SettingsOptions } from '../settings.ts';
import { paint, print, printJson } from '../terminal.ts';

interface DoctorOptions extends SettingsOptions {
  readonly json?: boolean;
}

/** `bellwether doctor`: looks at everything that a gateway needs, and says what has to be mended. */
export async function doctor(options: DoctorOptions): Promise<void> {
  const findings = await findAll(options);
  const ok = findings.every(({ state }) => state !== 'wrong');
  if (options.json) printJson({ ok, findings });
  else print(describe(findings));
  if (!ok) process.exitCode = EXIT.failure;
}

async function findAll(options: SettingsOptions): Promise<readonly Finding[]> {
  const node = nodeFinding(process.versions.node);
  const settings = await settingsOrProblems(options);
  if (!('config' in settings)) return [node, ...settings.findings];
  const { config, path, standIns } = settings;
  const where =
    path ?? (standIns ? 'built in, with simulated providers' : 'built in, over the keys of the environment');
  const preview = await previewGateway(config);
  try {
    const inspection = inspect(preview.gateway.snapshot);
    const nowMs = Date.now();
    return [
      node,
      fine('Configuration', `It is right (${where}).`),
      await portFinding(config.server),
      await folderFinding(config.store.url),
      await databaseFinding(config),
      clockFinding(nowMs, newestPriceDay(inspection)),
      ...(await providerFindings(preview)),
      ...catalogueFindings(inspection, nowMs),
      ...(await ceilingFindings(inspection)),
    ];
  } finally {
    await preview.close();
  }
}

async function settingsOrProblems(
  options: SettingsOptions,
): Promise<Settings | { readonly findings: readonly Finding[] }> {
  try {
    return await readSettings(options);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { findings: error.message.split('\n').map((line) => wrong('Configuration', line)) };
  }
}

function describe(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ about }) => about.length));
  const lines = findings.map(({ about, state, message }) => {
    const indent = ' '.repeat(width + MARK_COLUMNS);
    const text = wrapped(message, indent).slice(indent.length);
    return `${MARKS[state]()}  ${about.padEnd(width)}  ${text}`;
  });
  const count = (state: Finding['state']): number => findings.filter((each) => each.state === state).length;
  const [bad, odd] = [count('wrong'), count('look')];
  const summary =
    bad > 0
      ? paint('red', `${counted(bad, 'thing has', 'things have')} to be mended.`)
      : odd > 0
        ? paint('yellow', `All works; ${counted(odd, 'thing deserves', 'things deserve')} a look.`)
        : paint('green', 'All is well.');
  return [...lines, '', summary].join('\n');
}

/** Columns of the mark and the gaps around the first column of text. */
const MARK_COLUMNS = 9;
const MARKS: { readonly [state in Finding['state']]: () => string } = {
  ok: () => paint('green', 'ok   '),
  look: () => paint('yellow', 'look '),
  wrong: () => paint('red', 'wrong'),
};
