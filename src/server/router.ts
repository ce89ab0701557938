import { textToBytes } from '../base/bytes.ts';
import { didYouMean } from '../base/nearest.ts';
import type { Surface } from '../gateway/call.ts';
import { GatewayError } from '../spec/error.ts';
import type { ServerRequest } from './request.ts';

/** Serves one request; what it throws or rejects with is a fault of ours and becomes a 500. */
export type Handler = (request: ServerRequest, match: RouteMatch) => void | Promise<void>;

/** What a path pattern caught: the text that stands for each `:name` and the rest for a trailing `*`. */
export type RouteMatch = { readonly [name: string]: string };

/** One address: methods and what serves each. */
export interface RouteEntry {
  /** `/v1/models/:model` or `/admin/v1/*`. */
  readonly path: string;
  readonly methods: { readonly [method: string]: Handler };
  /** The API in whose envelope errors at this address are told. */
  readonly surface: Surface;
}

export interface Router {
  route(request: ServerRequest): void;
  /** Ends a request with an error in the envelope of its path. */
  refuse(request: ServerRequest, error: GatewayError): void;
}

export interface RouterOptions {
  readonly routes: readonly RouteEntry[];
  /** Which API's envelope a path that does not exist is answered in. */
  surfaceFor(path: string): Surface;
  readonly requestId: () => string;
  fault(error: unknown, request: ServerRequest): void;
}

/** Method and path to handler. Plain paths are one lookup in a map; patterns are tried in the order listed. */
export function createRouter(options: RouterOptions): Router {
  const exact = new Map<string, RouteEntry>();
  const patterns: { readonly entry: RouteEntry; readonly segments: readonly string[] }[] = [];
  for (const entry of options.routes) {
    if (/[:*]/.test(entry.path)) patterns.push({ entry, segments: entry.path.split('/') });
    else exact.set(entry.path, entry);
  }
  const refuse = (request: ServerRequest, error: GatewayError): void => {
    answerError(request, error, options.surfaceFor(request.path), options.requestId());
  };
  const dispatch = (entry: RouteEntry, match: RouteMatch, request: ServerRequest): void => {
    const handler = entry.methods[request.method];
    if (handler === undefined) {
      const allowed = Object.keys(entry.methods).join(', ');
      const error = new GatewayError(
        'method_not_allowed',
        `${request.path} takes ${allowed}, not ${request.method.slice(0, 20)}.`,
      );
      answerError(request, error, entry.surface, options.requestId(), ['allow', allowed]);
      return;
    }
    guarded(handler, request, match, options, refuse);
  };
  return {
    route(request) {
      const entry = exact.get(request.path);
      if (entry !== undefined) {
        dispatch(entry, NO_MATCH, request);
        return;
      }
      const found = matchPattern(patterns, request.path);
      if (found !== null) dispatch(found.entry, found.match, request);
      else refuse(request, unknownPath(request, options.routes));
    },
    refuse,
  };
}

const NO_MATCH: RouteMatch = {};

// oxlint-disable-next-line max-params -- the five things that a call of a handler needs, in one place
function guarded(
  handler: Handler,
  request: ServerRequest,
  match: RouteMatch,
  options: RouterOptions,
  refuse: (request: ServerRequest, error: GatewayError) => void,
): void {
  const failed = (error: unknown): void => {
    if (!(error instanceof GatewayError)) options.fault(error, request);
    refuse(
      request,
      error instanceof GatewayError
        ? error
        : new GatewayError('internal', 'The gateway failed on this request; its log has the particulars.'),
    );
  };
  try {
    const promise = handler(request, match);
    if (promise instanceof Promise) promise.catch(failed);
  } catch (error) {
    failed(error);
  }
}

function matchPattern(
  patterns: readonly { readonly entry: RouteEntry; readonly segments: readonly string[] }[],
  path: string,
): { readonly entry: RouteEntry; readonly match: RouteMatch } | null {
  const given = path.split('/');
  for (const { entry, segments } of patterns) {
    const match = matchSegments(segments, given);
    if (match !== null) return { entry, match };
  }
  return null;
}

function matchSegments(segments: readonly string[], given: readonly string[]): RouteMatch | null {
  const match: { [name: string]: string } = {};
  for (const [index, segment] of segments.entries()) {
    if (segment === '*') {
      match['rest'] = given.slice(index).map(decoded).join('/');
      return match;
    }
    const text = given[index];
    if (text === undefined) return null;
    if (segment.startsWith(':')) match[segment.slice(1)] = decoded(text);
    else if (segment !== text) return null;
  }
  return segments.length === given.length ? match : null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// What some clients of OpenAI's API ask by default.
const RESPONSES = /\/responses(?:\/|$)/;
const NO_RESPONSES =
  'The Responses API is not served yet. The same models answer at /v1/chat/completions; in the AI SDK that is openai.chat(model).';

function unknownPath({ method, path }: ServerRequest, routes: readonly RouteEntry[]): GatewayError {
  if (RESPONSES.test(path)) return new GatewayError('not_found', NO_RESPONSES);
  // Every path begins like the root, which nobody means.
  const known = routes.map((entry) => entry.path).filter((each) => each !== '/');
  const hint = didYouMean(path, known);
  return new GatewayError(
    'not_found',
    `There is nothing at ${method.slice(0, 20)} ${path.slice(0, 200)}${hint}.`,
  );
}

// oxlint-disable-next-line max-params -- an answer, its envelope and its id
function answerError(
  request: ServerRequest,
  error: GatewayError,
  surface: Surface,
  requestId: string,
  headers: readonly string[] = [],
): void {
  const wire = surface.protocol.downstream.encodeError(error, requestId);
  const own = ['x-bellwether-request-id', requestId, surface.requestIdHeader, requestId, ...headers];
  request.sink.answer(wire.status, [...own, ...wire.headers.flat()], textToBytes(JSON.stringify(wire.body)));
}
