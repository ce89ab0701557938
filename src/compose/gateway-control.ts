import { ConfigError } from '../config/config-error.ts';
import type { Config } from '../config/config.ts';
import { undemandingFacts, type RequestFacts } from '../routing/facts.ts';
import { targetsOf } from '../routing/route.ts';
import type { RequestLog } from '../observe/request-log.ts';
import type { ExplainQuestion, GatewayControl, ModelView, ReloadOutcome } from '../server/admin/ports.ts';
import type { ComposedGateway } from './compose-gateway.ts';
import { configView } from './config-view.ts';
import { healthReportOf, targetStatus } from './health-report.ts';
import type { LoadedConfig } from './load-config.ts';
import { VERSION } from './version.ts';

/** What the control of a gateway reads and moves. */
export interface ControlParts {
  readonly composed: ComposedGateway;
  /** What is wrong with reading or writing the store; null where both work. */
  readonly storeProblem: () => Promise<string | null>;
  /** Null where no request log is kept. */
  readonly requestLog: RequestLog | null;
  readonly draining: () => boolean;
  /** Path of the configuration file, null where there is none. */
  readonly source: string | null;
  /** Reads the configuration again; null where it does not come from a file. */
  readonly reread: (() => LoadedConfig) | null;
}

/** The questions and orders of the admin API, answered by a composed gateway. */
export function gatewayControl(parts: ControlParts): GatewayControl {
  const { composed, requestLog, draining, source } = parts;
  const { gateway, runtime } = composed;
  const startedAtMs = runtime.clock.nowMs();
  return {
    health: async () => {
      const storeProblem = await parts.storeProblem();
      return {
        status: draining() ? 'draining' : storeProblem === null ? 'ok' : 'degraded',
        version: VERSION,
        startedAtMs,
        inFlight: gateway.inFlight,
        storeProblem,
        requestLog: { waiting: requestLog?.waiting ?? 0, dropped: requestLog?.dropped ?? 0 },
        targets: composed.health.report([...gateway.snapshot.addresses]).map(targetStatus),
      };
    },
    healthReport: () => healthReportOf(composed),
    models: () =>
      [...gateway.snapshot.config.models.values(), ...gateway.snapshot.config.routes.values()].map((each) =>
        modelView(each, composed),
      ),
    config: () => ({
      source,
      loadedAtMs: gateway.snapshot.builtAtMs,
      config: configView(gateway.snapshot.config),
    }),
    reload: () => reload(parts),
    explain: (question) => {
      if (!gateway.knows(question.model)) return null;
      const { reason, candidates, skipped } = gateway.explain(question.model, factsOf(question));
      return {
        reason,
        candidates: candidates.map(({ address }) => address),
        skipped: skipped.map((each) => ({ target: each.target.address, reason: each.reason })),
      };
    },
  };
}

/** Reads the configuration anew and puts it in force; a bad one is refused whole and the old one stays. */
export async function reload({
  composed,
  reread,
}: Pick<ControlParts, 'composed' | 'reread'>): Promise<ReloadOutcome> {
  if (reread === null) {
    return {
      type: 'refused',
      problems: ['There is no configuration file; start with --config FILE to be able to reload.'],
    };
  }
  try {
    const { config } = reread();
    return { type: 'reloaded', changes: await composed.reload(config) };
  } catch (error) {
    if (error instanceof ConfigError) return { type: 'refused', problems: error.message.split('\n') };
    throw error;
  }
}

type Named = { readonly name: string; readonly fallbacks?: readonly string[] };

function modelView({ name, fallbacks = [] }: Named, { gateway }: ComposedGateway): ModelView {
  const named = gateway.snapshot.names.get(name);
  return {
    name,
    kind: named?.kind === 'route' ? 'route' : 'model',
    targets: named === undefined ? [] : [...new Set(targetsOf(named.route).map(({ address }) => address))],
    fallbacks,
  };
}

function factsOf({ inputTokens, tools, image, jsonSchema }: ExplainQuestion): RequestFacts {
  return { ...undemandingFacts(''), inputTokens, tools, image, jsonSchema };
}

/** Names of the providers of a configuration that are simulated. */
export function simulatedNames(config: Config): readonly string[] {
  return [...config.providers.values()].filter(({ simulate }) => simulate !== null).map(({ name }) => name);
}
