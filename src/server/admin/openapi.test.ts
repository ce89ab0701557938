import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { fieldAt, isObject, type Json } from '../../base/json.ts';
import { adminOpenApi, ADMIN_ROUTES } from './table.ts';

const document: Json = JSON.parse(JSON.stringify(adminOpenApi()));

function* nodes(json: Json): Generator<Json> {
  yield json;
  if (typeof json !== 'object' || json === null) return;
  for (const value of Object.values(json)) if (value !== undefined) yield* nodes(value);
}

describe('the OpenAPI document', () => {
  it('describes every route of the table under an operation id of its own', () => {
    const ids = ADMIN_ROUTES.map((route) => {
      const operation = fieldAt(document, 'paths', route.path, route.method.toLowerCase());
      expect(fieldAt(operation, 'summary')).toBe(route.summary);
      expect(fieldAt(operation, 'responses', String(route.status), 'description')).toBe('Done.');
      expect(fieldAt(operation, 'x-permission')).toBe(route.permission ?? undefined);
      return fieldAt(operation, 'operationId');
    });
    expect(new Set(ids).size).toBe(ADMIN_ROUTES.length);
  });

  it('refers to nothing that is not there', () => {
    let references = 0;
    for (const node of nodes(document)) {
      if (!isObject(node) || typeof node['$ref'] !== 'string') continue;
      references += 1;
      const path = node['$ref'].replace('#/', '').split('/');
      expect([node['$ref'], fieldAt(document, ...path)]).toEqual([node['$ref'], expect.anything()]);
    }
    expect(references).toBeGreaterThan(20);
  });

  it('holds only valid JSON Schemas', () => {
    const ajv = new Ajv2020({ strict: true, validateFormats: false });
    const absolute: Json = JSON.parse(
      JSON.stringify(document).replaceAll('"#/components/schemas/', '"doc#/$defs/'),
    );
    ajv.addSchema({ $id: 'doc', $defs: fieldAt(absolute, 'components', 'schemas') });
    let count = 0;
    for (const node of nodes(fieldAt(absolute, 'paths') ?? null)) {
      if (!isObject(node) || !isObject(node['schema'])) continue;
      count += 1;
      expect(() => ajv.compile(node['schema'] as object)).not.toThrow();
    }
    expect(count).toBeGreaterThanOrEqual(ADMIN_ROUTES.length);
  });

  it('declares each parameter of each path, and required only what is', () => {
    for (const route of ADMIN_ROUTES) {
      const operation = fieldAt(document, 'paths', route.path, route.method.toLowerCase());
      const declared = JSON.stringify(fieldAt(operation, 'parameters') ?? []);
      for (const [, name] of route.path.matchAll(/\{(\w+)\}/g))
        expect(declared).toContain(`"name":"${name}","in":"path"`);
    }
    const list = JSON.stringify(fieldAt(document, 'paths', '/requests', 'get', 'parameters'));
    expect(list).toContain('"name":"limit","in":"query","required":false');
  });

  it('says which fields of a new key may be left out', () => {
    const schemas = fieldAt(document, 'components', 'schemas');
    expect(fieldAt(schemas, 'NewKey', 'required')).toEqual(['name']);
    expect(fieldAt(schemas, 'Key', 'properties', 'id')).toEqual({ type: 'string' });
  });
});
