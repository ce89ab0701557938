import { typed } from '../typed.ts';
import { existsSync } from 'node:fs';
import { asString, fieldAt, parseJsonOr } from '../../base/json.ts';
import { CommandError, type ExitName } from '../exit.ts';
import { answersAt, localUrl } from '../gateway-address.ts';
import { secretText } from '../secret-text.ts';
import { locateGateway, type Location, type SettingsOptions } from '../settings.ts';

export interface AdminOptions extends SettingsOptions {
  readonly url?: string;
  readonly adminKey?: string;
}

export interface AdminCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/admin/v1`. */
  readonly path: string;
  readonly query?: { readonly [name: string]: string | undefined };
  readonly body?: object;
}

/** The way to the admin API: of a running gateway over HTTP, or in this process over its database. */
export interface AdminDoor {
  /** Calls one route; the answer is trusted to be what the route's schema says. Refusals are thrown as they read. */
  call<Answer>(call: AdminCall): Promise<Answer>;
  close(): Promise<void>;
}

/**
 * Opens the door: the gateway that is named; else the database itself, where no gateway holds it; else the gateway that
 * does. `needed` says whether the command makes sense on a database that is not there yet.
 */
export async function openAdmin(options: AdminOptions, needed: 'present' | 'made'): Promise<AdminDoor> {
  const named = options.url ?? process.env['BELLWETHER_URL'];
  if (named !== undefined && named !== '') return remote(named.replace(/\/+$/, ''), adminKey(options));
  const location = await locateGateway(options);
  const { url } = location.store;
  const gateway = localUrl(location.server);
  if (url === 'memory:') return remote(gateway, adminKey(options) ?? missingKey(gateway));
  if (needed === 'present') refuseAbsent(url.replace(/^sqlite:/, ''), location);
  return localOrRemote(location, gateway, options);
}

/** The admin API of the running gateway, for orders that make no sense without one. */
export async function openRunningAdmin(options: AdminOptions): Promise<AdminDoor> {
  const named = options.url ?? process.env['BELLWETHER_URL'];
  if (named !== undefined && named !== '') return remote(named.replace(/\/+$/, ''), adminKey(options));
  const gateway = localUrl((await locateGateway(options)).server);
  if (!(await answersAt(gateway))) throw nobodyThere(gateway);
  return remote(gateway, adminKey(options));
}

async function localOrRemote(location: Location, gateway: string, options: AdminOptions): Promise<AdminDoor> {
  try {
    const { openLocalAdmin } = await import('../../compose/local-admin.ts');
    const local = await openLocalAdmin(location);
    return {
      call: async ({ method, path, query, body }) => {
        const text = body === undefined ? null : JSON.stringify(body);
        const answer = await local.call(method, `/admin/v1${path}`, queryText(query), text);
        return read(answer.status, answer.body, 'the database');
      },
      close: () => local.close(),
    };
  } catch (error) {
    // A running gateway holds the database: it is asked in place of it.
    if (!(error instanceof Error && 'kind' in error && error.kind === 'locked')) throw error;
    if (!(await answersAt(gateway))) throw heldElsewhere(error, gateway);
    return remote(gateway, adminKey(options) ?? missingKey(gateway));
  }
}

function remote(url: string, key: string | undefined): AdminDoor {
  const presented = key ?? missingKey(url);
  return {
    call: async ({ method, path, query, body }) => {
      const text = queryText(query);
      const response = await reach(`${url}/admin/v1${path}${text === '' ? '' : `?${text}`}`, url, {
        method,
        headers: { authorization: `Bearer ${presented}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return read(response.status, await response.text(), url);
    },
    close: () => Promise.resolve(),
  };
}

async function reach(address: string, url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, { ...init, signal: AbortSignal.timeout(ANSWER_MS) });
  } catch (error) {
    throw new CommandError('unavailable', nobodyThere(url).message, error);
  }
}

const ANSWER_MS = 30_000;

const EXIT_OF_STATUS: { readonly [status: number]: ExitName | undefined } = {
  400: 'usage',
  401: 'auth',
  403: 'auth',
  404: 'notFound',
  422: 'usage',
  503: 'unavailable',
};

function read<Answer>(status: number, text: string, from: string): Answer {
  if (status >= 200 && status < 300) {
    const answer: Answer = JSON.parse(text);
    return answer;
  }
  const message = asString(fieldAt(parseJsonOr(text, null), 'error', 'message'));
  const said = message ?? `it answered with status ${status}, not like the admin API of a gateway`;
  throw new CommandError(
    EXIT_OF_STATUS[status] ?? 'failure',
    message === undefined ? `${from}: ${said}` : said,
  );
}

function queryText(query: AdminCall['query']): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {}))
    if (value !== undefined) parameters.set(name, value);
  return parameters.toString();
}

function adminKey({ adminKey: given }: AdminOptions): string | undefined {
  return given === undefined
    ? secretText(process.env['BELLWETHER_ADMIN_KEY'], 'BELLWETHER_ADMIN_KEY')
    : secretText(given, '--admin-key');
}

function missingKey(url: string): never {
  throw new CommandError(
    'auth',
    `The gateway at ${url} has to be asked, and that needs an admin key: set BELLWETHER_ADMIN_KEY (the key, or file:PATH). ` +
      'Its first start printed one. Without one, stop the gateway and run this again: it then works on the database itself.',
  );
}

function nobodyThere(url: string): CommandError {
  return new CommandError(
    'unavailable',
    `No gateway answers at ${url}. Start one with "${typed('serve')}", or name another with --url or BELLWETHER_URL.`,
  );
}

function heldElsewhere(error: Error, gateway: string): CommandError {
  return new CommandError(
    'unavailable',
    `${error.message.split('. ')[0] ?? error.message}, and no gateway answers at ${gateway}. If it listens elsewhere, ` +
      'say where with --url or BELLWETHER_URL, and set BELLWETHER_ADMIN_KEY.',
    error,
  );
}

function refuseAbsent(file: string, { path }: Location): void {
  if (existsSync(file)) return;
  const place = path === null ? '' : ` (by ${path})`;
  throw new CommandError(
    'notFound',
    `There is no database at ${file}${place}. Start the gateway once, or name its folder with --data or BELLWETHER_DATA.`,
  );
}
