import type { ConfigSource, LoadedConfig } from '../compose/load-config.ts';
import type { Instance } from '../compose/instance.ts';
import { VERSION } from '../compose/version.ts';
import type { FirstKeys } from './first-keys.ts';

export interface StartScreen {
  readonly instance: Instance;
  readonly loaded: LoadedConfig;
  readonly source: ConfigSource;
  readonly keys: FirstKeys;
}

/** What the operator reads when the gateway is up: where it listens, what it serves, how to call it. */
export function startScreen({ instance, loaded, source, keys }: StartScreen): string {
  const { url } = instance.server;
  const lines = [
    '',
    `  Bellwether ${VERSION} listens on ${url}`,
    '',
    `  Models     ${
      instance.gateway
        .models()
        .map(({ name }) => name)
        .join(', ') || 'none configured'
    }`,
    `  Providers  ${providers(loaded)}`,
    `  Settings   ${settings(source)}`,
    ...keyLines(keys),
    '',
    '  Try it:',
    '',
    ...curl(url, keys),
    '',
  ];
  return `${lines.join('\n')}\n`;
}

function providers({ config, standIns }: LoadedConfig): string {
  const names = [...config.providers.keys()].join(', ') || 'none';
  if (!standIns) return names;
  return `${names}: all SIMULATED, because no API key was found in the environment (OPENAI_API_KEY, ANTHROPIC_API_KEY, ...)`;
}

function settings(source: ConfigSource): string {
  return source.type === 'file' ? source.path : 'defaults; write a bellwether.yaml to change them';
}

function keyLines({ admin, inference }: FirstKeys): readonly string[] {
  if (admin === null && inference === null) return [];
  return [
    '',
    '  These keys were made for this first start and are shown only now:',
    '',
    ...(inference === null ? [] : [`  API key    ${inference}`]),
    ...(admin === null ? [] : [`  Admin key  ${admin}`]),
  ];
}

function curl(url: string, { inference }: FirstKeys): readonly string[] {
  return [
    `  curl ${url}/v1/chat/completions \\`,
    `    -H "authorization: Bearer ${inference ?? '$BELLWETHER_KEY'}" -H "content-type: application/json" \\`,
    `    -d '{"model":"auto","messages":[{"role":"user","content":"Say hello"}]}'`,
  ];
}
