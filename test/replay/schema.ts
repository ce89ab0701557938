import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { sharedPath } from '../shared.ts';
import { textAt, type Value } from './oracle/reading.ts';

/** A definition of a published schema: the file in ../shared/specs, the definition's name, and its union if it is one. */
export interface SchemaRoot {
  readonly file: string;
  readonly name: string;
  /** Whether `type` of the value chooses the definition: then an error names a field, not "no branch matched". */
  readonly union?: true;
  /** A second definition; what is right by either is right. */
  readonly or?: SchemaRoot;
  /** Whether fields that the schema does not know are errors, as they are for Gemini's parser of requests. */
  readonly closed?: true;
}

const compiled = new Map<string, ValidateFunction>();
const engines = new Map<string, Ajv2020>();

/** What is wrong with a value according to a published schema; empty where nothing is. */
export function schemaViolations(root: SchemaRoot, value: Value): readonly string[] {
  const violations = violationsOf(root, value);
  if (violations.length === 0 || root.or === undefined) return violations;
  return schemaViolations(root.or, value).length === 0 ? [] : violations;
}

function violationsOf(root: SchemaRoot, value: Value): readonly string[] {
  const name = root.union === true ? dispatched(root, value) : root.name;
  if (name === null) return [`${root.name}: no definition for the type "${textAt(value, 'type')}"`];
  const validate = validator(root, name);
  if (validate(value) === true) return [];
  return (validate.errors ?? []).map(
    (error) => `${name}${error.instancePath}: ${error.message ?? 'invalid'}`,
  );
}

function dispatched({ file, name }: SchemaRoot, value: Value): string | null {
  const table = readSpec('dispatch.json') as Dispatch;
  return table[file]?.[name]?.[textAt(value, 'type')]?.[0] ?? null;
}

interface Dispatch {
  readonly [file: string]:
    | { readonly [union: string]: { readonly [type: string]: readonly string[] } }
    | undefined;
}

// Compiling takes long and the schemas never change, so each root is compiled once, when it is first asked for.
function validator({ file, closed }: SchemaRoot, name: string): ValidateFunction {
  const variant = closed === true ? `closed/${file}` : file;
  const key = `${variant}#/$defs/${name}`;
  const present = compiled.get(key);
  if (present !== undefined) return present;
  const validate = engine(file, variant, closed === true).getSchema(key);
  if (validate === undefined) throw new Error(`${file} has no definition ${name}.`);
  compiled.set(key, validate as ValidateFunction);
  return validate as ValidateFunction;
}

function engine(file: string, variant: string, closed: boolean): Ajv2020 {
  const present = engines.get(variant);
  if (present !== undefined) return present;
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  const schema = readSpec(file);
  ajv.addSchema({ ...(closed ? (close(schema) as object) : schema), $id: variant }, variant);
  engines.set(variant, ajv);
  return ajv;
}

function readSpec(file: string): object {
  return JSON.parse(readFileSync(sharedPath('specs', file), 'utf8')) as object;
}

// Adds `additionalProperties: false` to every object schema that lists its properties and says nothing of others.
function close(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(close);
  if (typeof schema !== 'object' || schema === null) return schema;
  const closed = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, close(value)]));
  const listsProperties =
    typeof closed['properties'] === 'object' && !('allOf' in closed) && !('anyOf' in closed);
  return listsProperties ? { additionalProperties: false, ...closed } : closed;
}
