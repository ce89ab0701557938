import { didYouMean } from '../../base/nearest.ts';
import { Problem } from './problem.ts';
import type { AdminRoute } from './route.ts';

/** A route of the table and what stood in the place of its parameters. */
export interface MatchedRoute {
  readonly route: AdminRoute;
  readonly params: { readonly [name: string]: string };
}

/** Finds the route of a request; a `Problem` names what is there instead. `path` is below the prefix. */
export function matchRoute(
  routes: readonly AdminRoute[],
  method: string,
  path: string,
  prefix: string,
): MatchedRoute {
  const fitting = routes.flatMap((route) => {
    const params = matchPath(route.path, path);
    return params === null ? [] : [{ route, params }];
  });
  const exact = fitting.find(({ route }) => route.method === method);
  if (exact !== undefined) return exact;
  const shown = `${method.slice(0, 20)} ${prefix}${path}`.slice(0, 200);
  if (fitting.length > 0) {
    const allowed = fitting.map(({ route }) => route.method).join(', ');
    throw new Problem('method_not_allowed', `${shown} does not exist; this path takes ${allowed}.`, {
      headers: [['allow', allowed]],
    });
  }
  const hint = didYouMean(
    prefix + path,
    routes.map((route) => prefix + route.path),
  );
  throw new Problem(
    'not_found',
    `There is nothing at ${shown}${hint}. GET ${prefix}/openapi.json describes all routes.`,
  );
}

function matchPath(pattern: string, path: string): { readonly [name: string]: string } | null {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const params: [string, string][] = [];
  for (const [index, segment] of wanted.entries()) {
    const text = given[index] ?? '';
    if (segment.startsWith('{')) {
      if (text === '') return null;
      params.push([segment.slice(1, -1), decoded(text)]);
    } else if (segment !== text) return null;
  }
  return Object.fromEntries(params);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Problem(
      'invalid',
      'The path has a percent sign that is not followed by two hexadecimal digits.',
    );
  }
}
