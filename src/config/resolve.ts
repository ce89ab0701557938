import { didYouMean } from '../base/nearest.ts';
import type { Json } from '../base/json.ts';
import {
  DEFAULT_TIMEOUTS,
  type Config,
  type FailoverConfig,
  type ModelConfig,
  type RouteConfig,
  type TargetConfig,
  type Timeouts,
} from './config.ts';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { configSchema, type CheckedInput } from './schema.ts';
import { describeIssues } from './issues.ts';
import type { Report, ResolveContext } from './resolve-context.ts';
import { resolveFailover, resolveModelFailover } from './resolve-failover.ts';
import { resolveProvider } from './resolve-provider.ts';
import { resolveQueue } from './resolve-queue.ts';

/** Checks a configuration and fills in its defaults; throws `ConfigError` with every problem found. */
export function resolveConfig(value: Json, context: ResolveContext): Config {
  const problems: ConfigProblem[] = [];
  const report: Report = (path, message) => {
    problems.push({ path: pathInWords(path), message, line: context.lineOf(path) });
  };
  // Compiling the schemas into functions costs 10 ms of the start, and a configuration is read once.
  const checked = configSchema.safeParse(value, { jitless: true });
  if (!checked.success) {
    for (const issue of describeIssues(checked.error, configSchema)) report(issue.path, issue.message);
    throw new ConfigError(context.source, problems);
  }
  const config = resolveChecked(checked.data, context, report);
  if (problems.length > 0) throw new ConfigError(context.source, problems);
  return config;
}

function resolveChecked(input: CheckedInput, context: ResolveContext, report: Report): Config {
  const { server, store, observe } = input;
  const timeouts = withDefaults(input.timeouts, DEFAULT_TIMEOUTS);
  const failover = resolveFailover(input.failover);
  const providers = new Map(
    Object.entries(input.providers).flatMap(([name, provider]) => {
      const resolved = resolveProvider(name, provider, context, report);
      return resolved === null ? [] : [[name, resolved] as const];
    }),
  );
  return {
    server: {
      host: server.host,
      port: server.port,
      bodyBytesMax: server.max_body_bytes,
      headTimeoutMs: server.head_timeout_ms,
      bodyTimeoutMs: server.body_timeout_ms,
      keepAliveMs: server.keep_alive_ms,
      connectionsMax: server.max_connections,
      drainDelayMs: server.drain_delay_ms ?? null,
      drainMs: server.drain_ms,
      http: server.http,
    },
    store: { url: store.url, requestLogDays: store.request_log_days },
    observe: { logLevel: observe.log_level, accessLog: observe.access_log, metrics: observe.metrics },
    timeouts,
    failover,
    idempotency: {
      keepMs: input.idempotency.keep_s * 1000,
      entriesMax: input.idempotency.max_entries,
      answerBytesMax: input.idempotency.max_answer_bytes,
    },
    queue: resolveQueue(input.queue, context, report),
    providers,
    models: resolveModels(input, { timeouts, failover }, report),
    routes: resolveRoutes(input, { timeouts, failover }, report),
  };
}

/** What models and routes take over from the sections for all. */
interface Defaults {
  readonly timeouts: Timeouts;
  readonly failover: FailoverConfig;
}

function resolveModels(
  input: CheckedInput,
  { timeouts, failover }: Defaults,
  report: Report,
): ReadonlyMap<string, ModelConfig> {
  const models = new Map<string, ModelConfig>();
  for (const [name, model] of Object.entries(input.models)) {
    const path = ['models', name];
    const targets = model.targets.map((entry, index) => {
      const address = typeof entry === 'string' ? entry : entry.target;
      const target = targetOf(address, typeof entry === 'string' ? 1 : entry.weight);
      const unknown = unknownName(target.provider, Object.keys(input.providers), 'provider');
      if (unknown !== null) report([...path, 'targets', index], unknown);
      return target;
    });
    model.fallbacks.forEach((fallback, index) => {
      const unknown = unknownName(fallback, Object.keys(input.models), 'model');
      if (unknown !== null) report([...path, 'fallbacks', index], unknown);
      if (fallback === name) report([...path, 'fallbacks', index], 'a model cannot be its own fallback');
    });
    models.set(name, {
      name,
      strategy: model.strategy,
      targets,
      fallbacks: model.fallbacks,
      strict: model.strict,
      timeouts: withDefaults(model.timeouts ?? {}, timeouts),
      failover: resolveModelFailover(model.failover, failover),
    });
  }
  return models;
}

function resolveRoutes(
  input: CheckedInput,
  { timeouts, failover }: Defaults,
  report: Report,
): ReadonlyMap<string, RouteConfig> {
  const routes = new Map<string, RouteConfig>();
  for (const [name, route] of Object.entries(input.routes)) {
    if (Object.hasOwn(input.models, name))
      report(['routes', name], `"${name}" is already the name of a model`);
    if (name.includes(':'))
      report(['routes', name], 'a route\'s name must not contain ":", which leans a route (auto:economy)');
    route.tiers.forEach((tier, index) => {
      const unknown = unknownName(tier, Object.keys(input.models), 'model');
      if (unknown !== null) report(['routes', name, 'tiers', index], unknown);
    });
    routes.set(name, {
      name,
      strategy: route.strategy,
      tiers: route.tiers,
      totalMs: route.timeouts?.total_ms ?? timeouts.totalMs,
      failover: resolveModelFailover(route.failover, failover),
    });
  }
  return routes;
}

function targetOf(address: string, weight: number): TargetConfig {
  const slash = address.indexOf('/');
  return { provider: address.slice(0, slash), model: address.slice(slash + 1), weight };
}

// What is wrong with a name that should be one of the known ones, null where nothing is.
function unknownName(wanted: string, known: readonly string[], what: string): string | null {
  return known.includes(wanted) ? null : `there is no ${what} "${wanted}"${didYouMean(wanted, known)}`;
}

function withDefaults(input: CheckedInput['timeouts'], defaults: Timeouts): Timeouts {
  return {
    connectMs: input.connect_ms ?? defaults.connectMs,
    firstByteMs: input.first_byte_ms ?? defaults.firstByteMs,
    firstTokenMs: input.first_token_ms ?? defaults.firstTokenMs,
    idleMs: input.idle_ms ?? defaults.idleMs,
    answerMs: input.answer_ms ?? defaults.answerMs,
    totalMs: input.total_ms ?? defaults.totalMs,
  };
}

function pathInWords(path: readonly (string | number)[]): string {
  return path
    .map((key, at) => (typeof key === 'number' ? `[${key}]` : `${at === 0 ? '' : '.'}${key}`))
    .join('');
}
