import { bytesToTextStrict, type Bytes } from '../../base/bytes.ts';
import { parseJson } from '../../base/json.ts';
import type { Caller } from '../../spec/identity.ts';
import type { Log } from '../../spec/ports.ts';
import { header, type Headers } from '../../spec/wire.ts';
import { StoreError } from '../../store/store-error.ts';
import { authenticate, authorise } from './authenticate.ts';
import { FailureLimiter } from './failure-limiter.ts';
import { matchRoute } from './match.ts';
import type { AdminPorts } from './ports.ts';
import { Problem, PROBLEM_CODES, storeProblem } from './problem.ts';
import type { AdminRoute } from './route.ts';
import { ADMIN_PREFIX, ADMIN_ROUTES } from './table.ts';

/** A request to the admin API as plain data. */
export interface AdminRequest {
  readonly method: string;
  /** Path from the root, without the query. */
  readonly path: string;
  /** Query without the question mark; empty where there is none. */
  readonly query: string;
  readonly headers: Headers;
  readonly body: Bytes;
  /** Address of the client, for the limit on wrong keys. */
  readonly address: string;
}

/** The answer of the admin API as plain data. */
export interface AdminAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** JSON. */
  readonly body: string;
}

/** Serves one request to the admin API; it never rejects. */
export type AdminHandler = (request: AdminRequest) => Promise<AdminAnswer>;

/** Largest body that is read. */
export const ADMIN_BODY_BYTES_MAX = 256 * 1024;

/** Builds the admin API over its ports. It holds nothing but the failures of addresses. */
export function createAdmin(ports: AdminPorts): AdminHandler {
  const limiter = new FailureLimiter(ports.clock);
  return async (request) => {
    try {
      const { route, caller, result } = await serve(request, ports, limiter);
      if (caller !== null && route.method !== 'GET') logChange(ports.log, request, route, caller);
      return answer(route.status, [], result);
    } catch (error) {
      const problem = problemOf(error, request, ports);
      const { code, message, field } = problem;
      const body = { error: { code, message, ...(field === null ? {} : { field }) } };
      return answer(PROBLEM_CODES[code], problem.headers, body);
    }
  };
}

async function serve(
  request: AdminRequest,
  ports: AdminPorts,
  limiter: FailureLimiter,
): Promise<{ readonly route: AdminRoute; readonly caller: Caller | null; readonly result: unknown }> {
  // Who has no key learns nothing about which routes exist, so the key comes first where the route is unknown.
  const path = request.path.startsWith(ADMIN_PREFIX) ? request.path.slice(ADMIN_PREFIX.length) : request.path;
  const open = ADMIN_ROUTES.some((each) => each.permission === null && each.path === path);
  const caller = open ? null : authenticate(request, ports, limiter);
  const { route, params } = matchRoute(ADMIN_ROUTES, request.method, path, ADMIN_PREFIX);
  if (route.permission !== null) authorise(caller ?? authenticate(request, ports, limiter), route.permission);
  const by = caller?.name ?? null;
  const body = route.input === null ? undefined : bodyOf(request);
  const query = queryOf(route, request.query);
  return { route, caller, result: await route.run({ params, query, body, by }, ports) };
}

// Whoever looks for the cause of a change finds who made it, when, and from where.
function logChange(log: Log, request: AdminRequest, route: AdminRoute, caller: Caller): void {
  log.info(`The admin API did ${route.id}.`, {
    method: request.method,
    path: request.path,
    by_key_id: caller.keyId,
    by_key: caller.name,
    address: request.address,
  });
}

function bodyOf({ headers, body }: AdminRequest): unknown {
  if (body.length > ADMIN_BODY_BYTES_MAX) {
    throw new Problem(
      'too_large',
      `The body has ${body.length} bytes; at most ${ADMIN_BODY_BYTES_MAX} are taken.`,
    );
  }
  const type = header(headers, 'content-type');
  if (type !== undefined && !/^application\/json\s*(;|$)/i.test(type)) {
    throw new Problem(
      'unsupported_media_type',
      'The body must be JSON, with "content-type: application/json".',
    );
  }
  const text = bytesToTextStrict(body);
  if (text === null) throw new Problem('invalid', 'The body is not valid UTF-8.');
  if (text.trim() === '') throw new Problem('invalid', 'The body is empty; a JSON object is needed.');
  const parsed = parseJson(text);
  if (parsed.type === 'bad') throw new Problem('invalid', `The body is not valid JSON: ${parsed.reason}.`);
  return parsed.value;
}

function queryOf(route: AdminRoute, text: string): unknown {
  const pairs = [...new URLSearchParams(text)];
  const names = pairs.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new Problem('invalid', `The parameter "${twice.slice(0, 100)}" stands twice.`, {
      field: twice.slice(0, 100),
    });
  }
  const [first] = names;
  if (route.query === null && first !== undefined) {
    throw new Problem('unknown_field', `${route.method} ${ADMIN_PREFIX}${route.path} takes no parameters.`, {
      field: first.slice(0, 100),
    });
  }
  return Object.fromEntries(pairs);
}

function problemOf(error: unknown, request: AdminRequest, { log }: AdminPorts): Problem {
  if (error instanceof Problem) return error;
  const told = error instanceof Error ? error.message : String(error);
  const where = { method: request.method, path: request.path };
  if (error instanceof StoreError) {
    const problem = storeProblem(error);
    if (problem.code === 'store_unavailable') {
      log.error('The admin API could not reach the store.', { ...where, error: told });
    }
    return problem;
  }
  log.error('The admin API failed.', { ...where, error: told });
  return new Problem('internal', 'The gateway failed on this request; its log has the particulars.');
}

function answer(status: number, headers: Headers, body: unknown): AdminAnswer {
  return {
    status,
    // Nothing here is for caches, least of all the one showing of a new key.
    headers: [['content-type', 'application/json'], ['cache-control', 'no-store'], ...headers],
    body: JSON.stringify(body),
  };
}
