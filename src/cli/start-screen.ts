import { typed } from './typed.ts';
import type { Instance } from '../compose/instance.ts';
import { VERSION } from '../compose/version.ts';
import type { FirstKeys } from './first-keys.ts';
import { table, wrapped } from './format/table.ts';
import type { Settings } from './settings.ts';
import { paint } from './terminal.ts';

/** What the start screen tells about. */
export interface StartScreen {
  readonly instance: Pick<Instance, 'gateway' | 'server'>;
  readonly settings: Settings;
  readonly keys: FirstKeys;
}

/** What the operator reads when the gateway is up: where it listens, what it serves, how to call it. */
export function startScreen({ instance, settings, keys }: StartScreen): string {
  const { url } = instance.server;
  return [
    '',
    `  ${paint('bold', `Bellwether ${VERSION}`)} listens on ${paint('bold', url)}`,
    '',
    table(facts({ instance, settings, keys }), INDENT),
    '',
    ...simulationNote(settings),
    ...keyLines(keys),
    ...curls(url, keys, settings),
    `  To talk with it: "${typed('chat')}". All commands: "${typed('--help')}".`,
    '',
  ].join('\n');
}

const INDENT = '  ';

function facts({ instance, settings, keys }: StartScreen): readonly (readonly string[])[] {
  const names = instance.gateway.models().map(({ name }) => name);
  return [
    ['Models', listed(names)],
    ['Providers', listed([...settings.config.providers.values()].map(providerWords))],
    ['Settings', settings.path ?? `built in; "${typed('init')}" writes a file to change them`],
    ['Data', dataWords(settings.config.store.url)],
    ...(keys.admin === null && keys.inference === null
      ? [['Keys', `made before; "${typed('keys create --name NAME')}" makes another`]]
      : []),
  ];
}

function providerWords({
  name,
  simulate,
}: {
  readonly name: string;
  readonly simulate: object | null;
}): string {
  return simulate === null ? name : `${name} ${paint('yellow', '(simulated)')}`;
}

function dataWords(url: string): string {
  return url === 'memory:' ? 'in memory, gone when this process ends' : url.replace(/^sqlite:/, '');
}

const LISTED_MAX = 8;

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none configured';
  const more = names.length - LISTED_MAX;
  return names.slice(0, LISTED_MAX).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function simulationNote({ standIns }: Settings): readonly string[] {
  if (!standIns) return [];
  const note =
    'No API key of a provider was found, so simulated providers answer: their texts are made up, and ' +
    'their costs are what the real ones would take. ' +
    'For real answers set OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY or another, and start again.';
  return [paint('yellow', wrapped(note, INDENT)), ''];
}

function keyLines({ admin, inference }: FirstKeys): readonly string[] {
  if (admin === null && inference === null) return [];
  const rows = [
    ...(inference === null ? [] : [['API key', paint('bold', inference)]]),
    ...(admin === null ? [] : [['Admin key', paint('bold', admin)]]),
  ];
  return ['  Your first keys. They are shown only now, so keep them:', '', table(rows, INDENT), ''];
}

function curls(url: string, { inference }: FirstKeys, settings: Settings): readonly string[] {
  const { models, routes } = settings.config;
  const [name] = [...routes.keys(), ...models.keys()];
  if (name === undefined) return [];
  const lines = [
    '  Ask something:',
    '',
    ...curl(url, inference, `{"model":"${name}","messages":[{"role":"user","content":"Say hello"}]}`),
    '',
  ];
  const [first] = models.values();
  const [target] = first?.targets ?? [];
  const other = [...models.keys()].find((each) => each !== first?.name);
  if (!settings.standIns || target === undefined || other === undefined) return lines;
  // A line break between two fields keeps the line short and the JSON valid.
  const body =
    `{"model":"${target.provider}/${target.model}#down","models":["${other}"],\n` +
    '           "messages":[{"role":"user","content":"Hi"}]}';
  return [
    ...lines,
    `  See a failover: "#down" breaks ${target.provider} for this one request, and ${other} answers:`,
    '',
    ...curl(url, inference, body, '-i '),
    '',
  ];
}

function curl(url: string, key: string | null, body: string, flags = ''): readonly string[] {
  return [
    `    curl ${flags}${url}/v1/chat/completions \\`,
    `      -H "authorization: Bearer ${key ?? '$BELLWETHER_KEY'}" \\`,
    `      -H "content-type: application/json" \\`,
    `      -d '${body}'`,
  ];
}
