import type { z } from 'zod';
import type { KeyRole } from '../../spec/identity.ts';
import { inputProblem } from './problem.ts';
import type { AdminPorts } from './ports.ts';

/** What a route lets somebody do. */
export type Permission =
  | 'keys:read'
  | 'keys:write'
  | 'requests:read'
  | 'gateway:read'
  | 'gateway:write'
  | 'queue:read'
  | 'queue:write'
  | 'simulator:write'
  | 'drills:write';

/** Which role may do what. A role that is not named here may do nothing. */
export const ROLE_PERMISSIONS: Record<KeyRole, ReadonlySet<Permission>> = {
  inference: new Set(),
  admin: new Set([
    'keys:read',
    'keys:write',
    'requests:read',
    'gateway:read',
    'gateway:write',
    'queue:read',
    'queue:write',
    'simulator:write',
    'drills:write',
  ]),
};

export type AdminMethod = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** One row of the table: everything about a route, from which serving, documentation and tests are derived. */
export interface AdminRoute {
  readonly method: AdminMethod;
  /** Below `/admin/v1`, such as `/keys/{id}`. */
  readonly path: string;
  /** Name of the operation in generated clients. */
  readonly id: string;
  readonly summary: string;
  /** Null: anybody may, without a key. */
  readonly permission: Permission | null;
  /** Status of success. */
  readonly status: number;
  readonly input: z.ZodType | null;
  readonly query: z.ZodObject | null;
  readonly output: z.ZodType;
  /** Checks what came and handles it; rejects with a `Problem`. */
  run(call: RawCall, ports: AdminPorts): Promise<unknown>;
}

/** A request whose address was understood and nothing else. */
export interface RawCall {
  readonly params: { readonly [name: string]: string };
  readonly query: unknown;
  readonly body: unknown;
  /** Name of the key that asks; null where the route is open to all. */
  readonly by: string | null;
}

/** A request whose every part was checked. */
export interface Call<Input, Query> {
  readonly params: { readonly [name: string]: string };
  readonly query: Query;
  readonly input: Input;
  readonly by: string | null;
  readonly ports: AdminPorts;
}

interface RouteSpec<Input, Query, Output> extends Pick<
  AdminRoute,
  'method' | 'path' | 'id' | 'summary' | 'permission'
> {
  readonly status?: number;
  readonly input: z.ZodType<Input>;
  readonly query: z.ZodType<Query> & z.ZodObject;
  readonly output: z.ZodType<Output>;
  handle(call: Call<Input, Query>): Output | Promise<Output>;
}

type Bodyless<Spec> = Omit<Spec, 'input'>;
type Queryless<Spec> = Omit<Spec, 'query'>;

/** A route that takes nothing but its path. */
export function route<Output>(spec: Queryless<Bodyless<RouteSpec<null, null, Output>>>): AdminRoute {
  return {
    ...spec,
    status: spec.status ?? 200,
    input: null,
    query: null,
    run: async ({ params, by }, ports) => spec.handle({ params, by, ports, input: null, query: null }),
  };
}

/** A route that takes a query. */
export function routeWithQuery<Query, Output>(spec: Bodyless<RouteSpec<null, Query, Output>>): AdminRoute {
  return {
    ...spec,
    status: spec.status ?? 200,
    input: null,
    run: async ({ params, by, query }, ports) =>
      spec.handle({ params, by, ports, input: null, query: checked(spec.query, query) }),
  };
}

/** A route that takes a JSON body. */
export function routeWithBody<Input, Output>(spec: Queryless<RouteSpec<Input, null, Output>>): AdminRoute {
  return {
    ...spec,
    status: spec.status ?? 200,
    query: null,
    run: async ({ params, by, body }, ports) =>
      spec.handle({ params, by, ports, input: checked(spec.input, body), query: null }),
  };
}

function checked<Value>(schema: z.ZodType<Value>, value: unknown): Value {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw inputProblem(result.error, fieldNames(schema));
}

function fieldNames(schema: z.ZodType): readonly string[] {
  return 'shape' in schema && typeof schema.shape === 'object' && schema.shape !== null
    ? Object.keys(schema.shape)
    : [];
}
