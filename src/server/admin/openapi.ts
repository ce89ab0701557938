import { z } from 'zod';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { PROBLEM_CODES, problemSchema } from './problem.ts';
import type { AdminRoute } from './route.ts';

/** Writes a table of routes as an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1.html). */
export function openApiOf(routes: readonly AdminRoute[]): { readonly openapi: string } & JsonObject {
  const components = new Map<string, Json>();
  const paths: { [path: string]: { [method: string]: Json } } = {};
  for (const route of routes) {
    const operations = (paths[route.path] ??= {});
    operations[route.method.toLowerCase()] = operation(route, components);
  }
  const problem = schemaOf(problemSchema, 'output', components);
  return {
    openapi: '3.1.1',
    info: {
      title: 'Bellwether admin API',
      version: '1',
      description: 'Keys, request log, health and configuration of a Bellwether gateway.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/admin/v1' }],
    security: [{ adminKey: [] }],
    tags: [...new Set(routes.map(tagOf))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        adminKey: { type: 'http', scheme: 'bearer', description: 'A virtual key with the role admin.' },
      },
      responses: {
        Problem: {
          description: 'The request was refused.',
          content: { 'application/json': { schema: problem } },
        },
      },
      schemas: Object.fromEntries([...components].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    },
  };
}

function operation(route: AdminRoute, components: Map<string, Json>): JsonObject {
  const refusals = refusalsOf(route).map((status) => [
    String(status),
    { $ref: '#/components/responses/Problem' },
  ]);
  const parameters = [...pathParameters(route), ...queryParameters(route, components)];
  return {
    operationId: route.id,
    summary: route.summary,
    tags: [tagOf(route)],
    ...(route.permission === null ? { security: [] } : { 'x-permission': route.permission }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.input === null
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemaOf(route.input, 'input', components) } },
          },
        }),
    responses: {
      [String(route.status)]: {
        description: 'Done.',
        content: { 'application/json': { schema: schemaOf(route.output, 'output', components) } },
      },
      ...Object.fromEntries(refusals),
    },
  };
}

function pathParameters(route: AdminRoute): readonly JsonObject[] {
  return [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(route: AdminRoute, components: Map<string, Json>): readonly JsonObject[] {
  if (route.query === null) return [];
  return Object.entries(route.query.shape).map(([name, schema]) => ({
    name,
    in: 'query',
    required: !z.safeParse(schema, undefined).success,
    schema: schemaOf(schema, 'output', components),
  }));
}

function refusalsOf(route: AdminRoute): readonly number[] {
  const codes = PROBLEM_CODES;
  const statuses: number[] = [codes.invalid, codes.internal];
  if (route.permission !== null) {
    statuses.push(codes.unauthenticated, codes.forbidden, codes.too_many_failures);
  }
  if (route.path.includes('{') || route.input !== null) statuses.push(codes.not_found);
  if (route.input !== null) statuses.push(codes.too_large, codes.unsupported_media_type);
  return statuses.toSorted((a, b) => a - b);
}

// The first word of the path.
function tagOf(route: AdminRoute): string {
  return route.path.split(/[/.]/)[1] ?? '';
}

// Schemas with an id move to the components and are referred to, so that generated clients have names for them.
function schemaOf(schema: z.core.$ZodType, io: 'input' | 'output', components: Map<string, Json>): Json {
  const text = JSON.stringify(z.toJSONSchema(schema, { io }));
  const generated: Json = JSON.parse(text.replaceAll('"#/$defs/', '"#/components/schemas/'));
  if (!isObject(generated)) return generated;
  const { $schema: _dialect, $defs: definitions, ...rest } = generated;
  if (isObject(definitions)) {
    for (const [name, definition] of Object.entries(definitions)) components.set(name, definition ?? null);
  }
  return rest;
}
