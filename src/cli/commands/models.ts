import { typed } from '../typed.ts';
import { inspect, type InspectedName } from '../../compose/inspect.ts';
import { previewGateway } from '../../compose/preview.ts';
import { providerKinds, type ProviderKind } from '../../compose/provider-kinds.ts';
import { tokens } from '../format/amount.ts';
import { table } from '../format/table.ts';
import { priceWords } from '../format/targets.ts';
import { readSettings, type SettingsOptions } from '../settings.ts';
import { paint, print, printJson } from '../terminal.ts';

interface ModelsOptions extends SettingsOptions {
  readonly json?: boolean;
  readonly kinds?: boolean;
}

/** `bellwether models`: the names that clients may ask for, or the kinds of providers that can be configured. */
export async function models(options: ModelsOptions): Promise<void> {
  if (options.kinds) return showKinds(options);
  const preview = await previewGateway((await readSettings(options)).config);
  const { names } = inspect(preview.gateway.snapshot);
  await preview.close();
  if (options.json) printJson({ models: names });
  else if (names.length === 0)
    print(`No model is configured. "${typed('init')}" writes a configuration to start from.`);
  else print(table([header('NAME', 'FIRST TARGET', 'CONTEXT', 'PRICE', 'THEN'), ...names.map(row)]));
}

function row({ name, kind, targets, leadsTo }: InspectedName): readonly string[] {
  const [first] = targets;
  const shown = kind === 'route' ? `${name} (route)` : name;
  if (first === undefined) return [shown, 'none', '', '', ''];
  const others = targets.length - 1;
  const then = kind === 'route' ? leadsTo.join(' > ') : others === 0 ? '' : `${others} more`;
  if (kind === 'route') return [shown, paint('dim', 'chosen for each request'), '', '', then];
  const { address, contextTokensMax } = first;
  return [shown, address, tokens(contextTokensMax), priceWords(first), then];
}

function showKinds({ json }: ModelsOptions): void {
  const kinds = providerKinds();
  if (json) printJson({ kinds });
  else print(table([header('KIND', 'NAME', 'KEY FROM', 'ADDRESS'), ...kinds.map(kindRow)]));
}

function kindRow({ kind, name, environment, keyless, baseUrl }: ProviderKind): readonly string[] {
  const key = environment[0] ?? (keyless ? 'needs none' : 'any variable');
  return [kind, name, key, baseUrl ?? paint('dim', 'give base_url')];
}

function header(...titles: readonly string[]): readonly string[] {
  return titles.map((title) => paint('dim', title));
}
