import { classifyHost, mayConnect } from '../../base/address.ts';
import type { Refusal } from './failure.ts';

/** Where a request goes: what the URL says, ready for use. */
export interface Target {
  /** Connections are shared by requests with the same key; a permission for private addresses is part of it. */
  readonly poolKey: string;
  readonly secure: boolean;
  /** Host without brackets. */
  readonly host: string;
  readonly port: number;
  /** Value of the Host header. */
  readonly authority: string;
  /** Path and query as they stand in the request line; ASCII without spaces, as the URL parser leaves them. */
  readonly path: string;
  readonly allowPrivate: boolean;
}

/** Reads a provider's URL; refuses what is not plain HTTP(S) or names a forbidden address. */
export function parseTarget(url: string, allowPrivate: boolean): Target | Refusal {
  const parsed = URL.parse(url);
  if (parsed === null) return blocked('The URL cannot be read.');
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
    return blocked(`A provider is reached by http or https, not by ${parsed.protocol}`);
  }
  if (parsed.username !== '' || parsed.password !== '') {
    return blocked('The URL holds a user name or password, which hides where it leads.');
  }
  const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1');
  const class_ = classifyHost(host);
  if (!mayConnect(class_, allowPrivate)) {
    return blocked(`${host} is a ${class_} address and may not be connected to.`);
  }
  const secure = parsed.protocol === 'https:';
  const port = parsed.port === '' ? (secure ? 443 : 80) : Number(parsed.port);
  return {
    poolKey: `${parsed.protocol}//${host}:${port}${allowPrivate ? ' private' : ''}`,
    secure,
    host,
    port,
    authority: parsed.host,
    path: parsed.pathname + parsed.search,
    allowPrivate,
  };
}

function blocked(message: string): Refusal {
  return { type: 'blocked-address', message };
}

/** Targets by URL, as parsing one costs more than everything else before the write. Bounded: it forgets all when full. */
export class TargetCache {
  readonly #targets = new Map<string, Target>();
  readonly #privateTargets = new Map<string, Target>();

  get(url: string, allowPrivate: boolean): Target | Refusal {
    const targets = allowPrivate ? this.#privateTargets : this.#targets;
    const known = targets.get(url);
    if (known !== undefined) return known;
    const target = parseTarget(url, allowPrivate);
    if ('type' in target) return target;
    if (targets.size >= TARGETS_MAX) targets.clear();
    targets.set(url, target);
    return target;
  }
}

const TARGETS_MAX = 1000;
