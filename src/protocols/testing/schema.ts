import { readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import { sharedPath } from '../../../test/shared.ts';
import type { Json } from '../../base/json.ts';

/** A check of one payload: null where it is valid, else what is wrong. */
export type SchemaCheck = (payload: Json) => string | null;

/** The published schema files. */
type SchemaFile = 'openai' | 'anthropic' | 'anthropic-beta' | 'anthropic-2026-10-21';

/** Compiles a definition of a published schema; `../shared` must be there. */
export function schemaCheck(file: SchemaFile, definition: string): SchemaCheck {
  const ajv = new Ajv.default({ strict: false, validateFormats: false, allErrors: false });
  const schema: unknown = JSON.parse(readFileSync(sharedPath('specs', `${file}.schema.json`), 'utf8'));
  ajv.addSchema(schema as object, file);
  const validate = ajv.compile({ $ref: `${file}#/$defs/${definition}` });
  return (payload) => (validate(payload) ? null : ajv.errorsText(validate.errors));
}
