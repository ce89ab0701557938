import { readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import { sharedPath } from '../../../../test/shared.ts';
import type { Json } from '../../../base/json.ts';

/** A check of one payload: null where it is valid, else what is wrong. */
export type SchemaCheck = (payload: Json) => string | null;

/** Compiles a definition of the API's published schema; `../shared` must be there. */
export function schemaCheck(definition: string): SchemaCheck {
  const ajv = new Ajv.default({ strict: false, validateFormats: false, allErrors: false });
  const schema: unknown = JSON.parse(readFileSync(sharedPath('specs', 'openai.schema.json'), 'utf8'));
  ajv.addSchema(schema as object, 'openai');
  const validate = ajv.compile({ $ref: `openai#/$defs/${definition}` });
  return (payload) => (validate(payload) ? null : ajv.errorsText(validate.errors));
}
