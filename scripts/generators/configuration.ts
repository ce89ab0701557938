import { configJsonSchema } from '../../src/config/schema.ts';
import { escapeCell, generatedNotice } from './markdown.ts';

/** A JSON Schema as far as the page of options needs to know it. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: { readonly [name: string]: Schema };
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** The JSON Schema of the configuration file, for editors. */
export function configSchemaFile(): string {
  return `${JSON.stringify(configJsonSchema(), null, 2)}\n`;
}

/** The reference page of the configuration file: every option with its type, default and sentence. */
export function configurationPage(): string {
  const schema: Schema = configJsonSchema();
  const sections = Object.entries(schema.properties ?? {}).map(([name, section]) =>
    [`## \`${name}\``, '', ...sentence(section), ...table(name, section)].join('\n'),
  );
  const head = [
    '# Configuration',
    '',
    generatedNotice('src/config/sections/'),
    '',
    'The file `bellwether.yaml`; every section and every option may be left out. `NAME` stands for a name of your own.',
    'Secrets are only ever references: `env:VARIABLE` or `file:PATH`. An unknown option is an error that names the nearest',
    'known one. Editors complete and check the file with `schema/config.schema.json`.',
    '',
  ];
  return `${[...head, sections.join('\n\n')].join('\n')}\n`;
}

function sentence({ description }: Schema): readonly string[] {
  return description === undefined ? [] : [description, ''];
}

function table(name: string, section: Schema): readonly string[] {
  const rows = optionsOf(name, section).map(
    ({ path, option }) =>
      `| \`${path}\` | ${escapeCell(typeOf(option))} | ${defaultOf(option)} | ${escapeCell(option.description ?? '')} |`,
  );
  return rows.length === 0 ? [] : ['| option | type | default | |', '|---|---|---|---|', ...rows];
}

interface Option {
  readonly path: string;
  readonly option: Schema;
}

// Objects are told by what is in them, lists of objects too; a record's keys are names that the operator chooses.
function optionsOf(path: string, schema: Schema): readonly Option[] {
  const named = Object.entries(schema.properties ?? {}).flatMap(([name, option]) =>
    leaves(`${path}.${name}`, option),
  );
  const { additionalProperties: values } = schema;
  const hasRows = typeof values === 'object' && !isRecordOfPlain(schema);
  return [...named, ...(hasRows ? leaves(`${path}.NAME`, values) : [])];
}

function leaves(path: string, option: Schema): readonly Option[] {
  const inner = optionsOf(path, option);
  if (inner.length === 0) return [{ path, option }];
  return option.description === undefined ? inner : [{ path, option }, ...inner];
}

function typeOf(option: Schema): string {
  const choices = option.anyOf ?? option.oneOf;
  if (choices !== undefined) return [...new Set(choices.map(typeOf))].join(' or ');
  if (option.const !== undefined) return code(option.const);
  if (option.enum !== undefined) return option.enum.map(code).join(', ');
  if (option.type === 'array') return option.items === undefined ? 'list' : `list of ${typeOf(option.items)}`;
  if (isRecordOfPlain(option)) return `object of ${typeOf(option.additionalProperties)}`;
  return `${option.type ?? 'any'}${bounds(option)}`;
}

function bounds({ minimum, maximum }: Schema): string {
  if (minimum === undefined || maximum === undefined) return '';
  return maximum >= Number.MAX_SAFE_INTEGER ? `, at least ${minimum}` : `, ${minimum} to ${maximum}`;
}

// A record whose values have nothing to tell besides their type needs no row for them.
function isRecordOfPlain(schema: Schema): schema is Schema & { readonly additionalProperties: Schema } {
  const { additionalProperties: values } = schema;
  return typeof values === 'object' && values.description === undefined && optionsOf('', values).length === 0;
}

function defaultOf(option: Schema): string {
  if (option.default === undefined || option.type === 'object') return '';
  return code(option.default);
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
