import type { HeaderSource, Surface } from '../../gateway/call.ts';
import type { Headers } from '../../spec/wire.ts';

/** Headers by which a call is served, besides those that its wire passes on. Never a key. */
const OWN = [
  'x-bellwether-fallback',
  'x-bellwether-priority',
  'x-bellwether-resume',
  'x-bellwether-strict',
  'x-bellwether-tags',
  'x-bellwether-timeout-ms',
];

/** The headers of a client that a queued call must be served by, when the client is long gone. */
export function keptHeaders(client: HeaderSource, { protocol }: Surface): Headers {
  const names = [...OWN, ...(protocol.passthrough.forwards ?? []).map(({ name }) => name)];
  return names.flatMap((name) => {
    const value = client.header(name);
    return value === undefined ? [] : [[name, value] as const];
  });
}

/** Headers that were kept, as a call wants them. */
export class KeptHeaders implements HeaderSource {
  readonly #headers: ReadonlyMap<string, string>;

  constructor(headers: Headers) {
    this.#headers = new Map(headers);
  }

  header(name: string): string | undefined {
    return this.#headers.get(name);
  }
}
