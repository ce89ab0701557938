import { isArray, isObject, type Json, type JsonObject } from '../../base/json.ts';

export interface ConfigChoices {
  /** The sections `providers`, `models` and `routes`. */
  readonly sections: JsonObject;
  readonly simulated: boolean;
  readonly port: number;
}

/** A first configuration file with comments that say what can be done from here. */
export function configText({ sections, simulated, port }: ConfigChoices): string {
  const models = entries(sections['models']);
  return [
    '# Configuration of Bellwether. Every section is optional; "bellwether check" tells what it means and what is wrong.',
    '# A running gateway reads it again when it changes. Keys are only ever references: env:NAME or file:PATH.',
    '',
    `server: { host: 127.0.0.1, port: ${port} }`,
    '',
    ...providerLines(sections, simulated),
    '',
    '# What clients ask for. Targets are tried in order, then the fallbacks; other strategies: weighted, cheapest.',
    ...(models.length === 0
      ? ['# models:', '#   my-model: { targets: [provider/upstream-model], fallbacks: [] }']
      : ['models:', ...aligned(models)]),
    '',
    ...routeLines(sections),
  ].join('\n');
}

function providerLines(sections: JsonObject, simulated: boolean): readonly string[] {
  const hint = simulated
    ? [
        '# Simulated providers make their answers up and cost nothing. In place of each, a real one:',
        '#   openai: { kind: openai, key: env:OPENAI_API_KEY }',
      ]
    : [
        '# "bellwether models --kinds" lists all kinds. Several keys: keys: [env:KEY_A, env:KEY_B].',
        '# Any other address that speaks the chat API of OpenAI:',
        '#   local: { kind: openai-compatible, base_url: http://127.0.0.1:8000/v1, key: env:LOCAL_KEY }',
      ];
  return [...hint, 'providers:', ...aligned(entries(sections['providers']))];
}

function routeLines(sections: JsonObject): readonly string[] {
  const routes = entries(sections['routes']);
  if (routes.length === 0) return [];
  return [
    '# A route chooses among models for each request: hybrid takes the cheapest tier that can serve it, then the next.',
    'routes:',
    ...routes.flatMap(([name, value]) => [
      `  ${scalar(name)}:`,
      ...entries(value).map(([field, content]) => `    ${field}: ${flow(content)}`),
    ]),
    '',
  ];
}

function aligned(pairs: readonly (readonly [string, Json])[]): readonly string[] {
  const width = Math.max(...pairs.map(([name]) => scalar(name).length)) + 1;
  return pairs.map(([name, value]) => `  ${`${scalar(name)}:`.padEnd(width)} ${flow(value)}`);
}

function entries(value: Json | undefined): readonly (readonly [string, Json])[] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, content]) =>
    content === undefined ? [] : [[name, content] as const],
  );
}

// YAML in flow style: on one line, as people write short settings.
function flow(value: Json): string {
  if (isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (isObject(value)) {
    const fields = entries(value).filter(([, content]) => !isArray(content) || content.length > 0);
    return `{ ${fields.map(([name, content]) => `${scalar(name)}: ${flow(content)}`).join(', ')} }`;
  }
  return typeof value === 'string' ? scalar(value) : JSON.stringify(value);
}

// Words that YAML reads as themselves stand without quotes; JSON's quotes are YAML's.
function scalar(text: string): string {
  return /^[A-Za-z][\w./:@-]*[\w]$/.test(text) && !YAML_WORDS.test(text) ? text : JSON.stringify(text);
}

const YAML_WORDS = /^(?:true|false|null|yes|no|on|off)$/i;
