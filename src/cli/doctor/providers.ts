import { EMPTY_BYTES } from '../../base/bytes.ts';
import type { Preview } from '../../compose/preview.ts';
import { header, type Headers, type TransportFailure } from '../../spec/wire.ts';
import { counted, duration } from '../format/amount.ts';
import { fine, look, wrong, type Finding } from './finding.ts';

/** How long a provider may take to answer. */
const ANSWER_MS = 5_000;
/** A clock that is further off spoils signatures and expiry dates. */
const SKEW_MAX_MS = 60_000;

type Link =
  Preview['gateway']['snapshot']['providers'] extends ReadonlyMap<string, infer Value> ? Value : never;

/** Asks every provider for its list of models, once with each of its keys: the cheapest question that needs a valid key. */
export async function providerFindings({ gateway, runtime }: Preview): Promise<readonly Finding[]> {
  const probes = [...gateway.snapshot.providers.values()].flatMap((link) =>
    link.headersByKey.map(async (headers, index) => {
      const probe = await ask(runtime, link, headers);
      return describeProbe(probe, {
        link,
        key: link.config.keys[index] ?? null,
        nowMs: runtime.clock.nowMs(),
      });
    }),
  );
  return (await Promise.all(probes)).flat();
}

/** What came of the question. */
type Probe =
  | { readonly type: 'answered'; readonly status: number; readonly headers: Headers; readonly ms: number }
  | { readonly type: 'failed'; readonly failure: TransportFailure };

function ask({ transport, clock }: Preview['runtime'], { config }: Link, headers: Headers): Promise<Probe> {
  const startedMs = clock.monotonicMs();
  return new Promise((resolve) => {
    const call = transport.send(
      {
        method: 'GET',
        url: `${config.baseUrl}/models`,
        headers: headers.filter(([name]) => name !== 'content-type'),
        body: EMPTY_BYTES,
        connectTimeoutMs: ANSWER_MS,
        headTimeoutMs: ANSWER_MS,
        allowPrivate: config.allowPrivate,
      },
      {
        onHead: (status, answered) => {
          resolve({ type: 'answered', status, headers: answered, ms: clock.monotonicMs() - startedMs });
          // Only the head is of interest; the call exists by the time that it comes.
          queueMicrotask(() => call.abort());
        },
        onData: () => undefined,
        onEnd: () => undefined,
        onFail: (failure) => resolve({ type: 'failed', failure }),
      },
    );
  });
}

interface Probed {
  readonly link: Link;
  /** Reference to the key that was used, null where there is none. */
  readonly key: string | null;
  readonly nowMs: number;
}

/** What an answer, or none, means for the operator. */
export function describeProbe(probe: Probe, { link, key, nowMs }: Probed): readonly Finding[] {
  const { name, baseUrl, simulate } = link.config;
  const about = `Provider ${name}`;
  if (simulate !== null) return [fine(about, 'Simulated; it needs nothing.')];
  if (probe.type === 'failed') {
    return [
      wrong(
        about,
        `${baseUrl} cannot be reached: ${sentence(probe.failure.message)} ${ADVICE[probe.failure.type] ?? ''}`.trim(),
      ),
    ];
  }
  const { status, ms, headers } = probe;
  return [statusFinding(about, { status, ms, key, baseUrl }), ...skewFinding(about, headers, nowMs)];
}

const ADVICE: { readonly [type in TransportFailure['type']]?: string } = {
  dns: 'Check the name and the DNS of this machine.',
  connect: 'Check the address and whether a firewall is in between.',
  'connect-timeout': 'Check whether a firewall or proxy is in between.',
  tls: 'Check the certificate, or whether something intercepts TLS.',
  'blocked-address': 'allow_private_addresses permits it where that is meant.',
};

interface Answered {
  readonly status: number;
  readonly ms: number;
  readonly key: string | null;
  readonly baseUrl: string;
}

function statusFinding(about: string, { status, ms, key, baseUrl }: Answered): Finding {
  const took = `in ${duration(ms)}`;
  const which = key === null ? 'without a key' : `its key (${key})`;
  if (status < 300)
    return fine(about, key === null ? `It answers ${took}.` : `It accepts ${which}, ${took}.`);
  if (status === 401 || status === 403) {
    return wrong(
      about,
      `It refuses ${which} with status ${status}, ${took}. Check the key, or make a new one there.`,
    );
  }
  if (status === 404) {
    return look(
      about,
      `It answers ${took}, but has no list of models at ${baseUrl}/models. Check that base_url has the version (/v1).`,
    );
  }
  if (status === 429)
    return look(about, `It answers ${took} that ${which} has reached its rate limit or has no credit.`);
  if (status >= 500) return look(about, `It is in trouble at present: status ${status}, ${took}.`);
  return look(about, `It answers with the unexpected status ${status}, ${took}.`);
}

function skewFinding(about: string, headers: Headers, nowMs: number): readonly Finding[] {
  const theirMs = Date.parse(header(headers, 'date') ?? '');
  const skewMs = Math.abs(nowMs - theirMs);
  if (Number.isNaN(skewMs) || skewMs <= SKEW_MAX_MS) return [];
  return [
    wrong(
      'Clock',
      `It is ${counted(Math.round(skewMs / 60_000), 'minute')} off that of ${about.toLowerCase()}.`,
    ),
  ];
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}
