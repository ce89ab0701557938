import { classifyHost, mayConnect } from '../base/address.ts';
import { didYouMean } from '../base/nearest.ts';
import type { ProviderDefinition } from '../spec/provider.ts';
import type { Headers } from '../spec/wire.ts';
import type { ProviderConfig } from './config.ts';
import type { Report, ResolveContext } from './resolve-context.ts';
import type { ProviderInput } from './sections/providers.ts';

/** Checks one provider against its kind; null, with the problems reported, where it cannot be used. */
export function resolveProvider(
  name: string,
  input: ProviderInput,
  context: ResolveContext,
  report: Report,
): ProviderConfig | null {
  const path = ['providers', name];
  const definition = definitionFor(name, input, context, report);
  if (definition === null) return null;
  const baseUrl = input.base_url ?? definition.baseUrl;
  if (baseUrl === null) {
    report(
      [...path, 'base_url'],
      `is required for kind ${definition.kind}: the address of its API, such as https://host/v1`,
    );
    return null;
  }
  checkAddress(baseUrl, path, report);
  checkSimulation(input, baseUrl, path, { context, report });
  return {
    name,
    definition,
    baseUrl: baseUrl.replace(/\/+$/, ''),
    keys: keysOf(input, definition, path, { context, report }),
    headers: headersOf(input.headers ?? {}, path, report),
    allowPrivate: input.allow_private_addresses ?? namesPrivateHost(baseUrl),
    connectTimeoutMs: input.connect_timeout_ms ?? null,
    connectionsMax: input.max_connections ?? null,
    models: new Map(Object.entries(input.models ?? {})),
    simulate: simulation(baseUrl, input),
  };
}

function definitionFor(
  name: string,
  input: ProviderInput,
  context: ResolveContext,
  report: Report,
): ProviderDefinition | null {
  const found = definitionOf(input.kind, context);
  if (found === null) {
    report(['providers', name, 'kind'], `there is no provider kind ${unknownKind(input.kind, context)}`);
    return null;
  }
  if (!isSimulated(found)) return found;
  const like = input.simulate?.like ?? context.definitions[0]?.kind ?? found.kind;
  const imitated = definitionOf(like, context);
  if (imitated !== null) return imitation(name, found, imitated);
  report(['providers', name, 'simulate', 'like'], `there is no provider kind ${unknownKind(like, context)}`);
  return null;
}

function isSimulated({ baseUrl }: ProviderDefinition): boolean {
  return baseUrl?.startsWith('simulated:') ?? false;
}

// It speaks the wire of the imitated provider, with its quirks, models and prices, at an address inside this process.
function imitation(
  name: string,
  simulated: ProviderDefinition,
  imitated: ProviderDefinition,
): ProviderDefinition {
  const { kind, keyless, environment } = simulated;
  return {
    ...imitated,
    kind,
    name: `${imitated.name}, simulated`,
    keyless,
    environment,
    baseUrl: `simulated://${name}`,
  };
}

function definitionOf(kind: string, { definitions }: ResolveContext): ProviderDefinition | null {
  return definitions.find((each) => each.kind === kind) ?? null;
}

function unknownKind(kind: string, { definitions }: ResolveContext): string {
  const kinds = definitions.map((each) => each.kind);
  return `"${kind}"${didYouMean(kind, kinds) || `; known are ${kinds.join(', ')}`}`;
}

function keysOf(
  input: ProviderInput,
  definition: ProviderDefinition,
  path: readonly string[],
  { context, report }: { context: ResolveContext; report: Report },
): readonly string[] {
  if (input.key !== undefined && input.keys !== undefined)
    report([...path, 'keys'], 'give either key or keys, not both');
  const keys = input.keys ?? (input.key === undefined ? [] : [input.key]);
  if (keys.length === 0 && !definition.keyless) {
    const [variable = 'API_KEY'] = definition.environment;
    report([...path, 'key'], `is required for kind ${definition.kind}: a reference such as env:${variable}`);
  }
  keys.forEach((reference, index) => {
    if (context.hasSecret(reference)) return;
    const place = input.keys === undefined ? [...path, 'key'] : [...path, 'keys', index];
    report(place, `${reference} leads to nothing: ${missingSecret(reference)}`);
  });
  return keys;
}

function missingSecret(reference: string): string {
  return reference.startsWith('env:')
    ? 'the environment variable is not set or empty'
    : 'the file is missing, empty or not readable';
}

function checkSimulation(
  { simulate }: ProviderInput,
  baseUrl: string,
  path: readonly string[],
  { context, report }: { context: ResolveContext; report: Report },
): void {
  if (simulate === undefined) return;
  if (!baseUrl.startsWith('simulated:'))
    report([...path, 'simulate'], 'only makes sense for a simulated provider');
  const wrong = simulate.fault === undefined ? null : context.wrongFault(simulate.fault);
  if (wrong !== null) report([...path, 'simulate', 'fault'], wrong);
}

function simulation(baseUrl: string, input: ProviderInput): ProviderConfig['simulate'] {
  if (!baseUrl.startsWith('simulated:')) return null;
  return input.simulate ?? {};
}

function checkAddress(baseUrl: string, path: readonly string[], report: Report): void {
  const wrong = wrongUrl(baseUrl);
  if (wrong !== null) report([...path, 'base_url'], wrong);
}

function wrongUrl(text: string): string | null {
  if (!URL.canParse(text)) return `"${text}" is not a URL; it must look like https://host/v1`;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    return 'must not contain a user or password; use key: env:NAME';
  if (url.search !== '') return 'must not have a query';
  const allowed = ['https:', 'http:', 'simulated:'];
  return allowed.includes(url.protocol) ? null : `must begin with https:// or http://, not ${url.protocol}//`;
}

// An operator who writes a loopback or private address means it; a name that merely resolves to one does not count.
function namesPrivateHost(text: string): boolean {
  return URL.canParse(text) && !mayConnect(classifyHost(new URL(text).hostname), false);
}

const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
const OWN_HEADERS = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'authorization',
  'x-api-key',
]);

function headersOf(
  input: { readonly [name: string]: string },
  path: readonly string[],
  report: Report,
): Headers {
  return Object.entries(input).map(([name, value]) => {
    if (!HEADER_NAME.test(name)) report([...path, 'headers', name], 'is not a valid header name');
    if (OWN_HEADERS.has(name.toLowerCase()))
      report([...path, 'headers', name], 'is set by the gateway itself');
    if (/[\r\n\0]/.test(value)) report([...path, 'headers', name], 'must not contain line breaks');
    return [name.toLowerCase(), value] as const;
  });
}
