import { inspect, type InspectedName, type Inspection } from '../../compose/inspect.ts';
import { previewGateway } from '../../compose/preview.ts';
import { ConfigError } from '../../config/config-error.ts';
import { EXIT } from '../exit.ts';
import { counted } from '../format/amount.ts';
import { wrapped } from '../format/table.ts';
import { targetTable } from '../format/targets.ts';
import { readSettings, type Settings, type SettingsOptions } from '../settings.ts';
import { paint, print, printJson } from '../terminal.ts';

interface CheckOptions extends SettingsOptions {
  readonly json?: boolean;
}

/** `bellwether check [FILE]`: tells everything that is wrong with a configuration, or what it means. */
export async function check(file: string | undefined, options: CheckOptions): Promise<void> {
  try {
    const settings = await readSettings(file === undefined ? options : { ...options, config: file });
    const preview = await previewGateway(settings.config);
    const inspection = inspect(preview.gateway.snapshot);
    await preview.close();
    if (options.json) printJson({ ok: true, file: settings.path, ...inspection });
    else print(describe(inspection, settings));
  } catch (error) {
    if (!options.json || !(error instanceof ConfigError)) throw error;
    printJson({ ok: false, file: error.file, problems: error.problems });
    process.exitCode = EXIT.usage;
  }
}

function describe({ providers, names, warnings }: Inspection, { path, standIns }: Settings): string {
  const models = names.filter(({ kind }) => kind === 'model');
  const routes = names.filter(({ kind }) => kind === 'route');
  const counts = [
    counted(providers.length, 'provider'),
    counted(models.length, 'model'),
    counted(routes.length, 'route'),
  ].join(', ');
  const where =
    path ?? (standIns ? 'built-in presets, simulated' : 'built-in presets over the keys of the environment');
  return [
    `${paint('green', 'The configuration is right')} (${where}): ${counts}.`,
    ...models.map(modelBlock),
    ...routes.map(routeLine),
    ...(warnings.length === 0 ? [] : [`\n${paint('yellow', 'Worth a look:')}`]),
    ...warnings.map((each) => wrapped(each, '  ')),
  ].join('\n');
}

function modelBlock({ name, strategy, targets }: InspectedName): string {
  const order = strategy === 'ordered' ? '' : paint('dim', `  (${strategy})`);
  return `\n${paint('bold', name)}${order}\n${targetTable(targets, { of: name, indent: '  ' })}`;
}

function routeLine({ name, strategy, leadsTo }: InspectedName): string {
  return `\n${paint('bold', name)}  ${paint('dim', `(${strategy})`)}\n  ${leadsTo.join(' > ')}`;
}
