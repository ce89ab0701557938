import type { Json, JsonObject } from '../../../src/base/json.ts';
import {
  providerName,
  targetName,
  TIMEOUTS,
  UPSTREAM_MODEL,
  type HistoryScript,
  type ReloadChange,
  type ScriptModel,
  type ScriptRequest,
} from './script.ts';

/** A header to every provider, which tells on the wire by which version of the configuration a call was made. */
export const VERSION_HEADER = 'x-configuration';

const KINDS = { chat: 'openai-compatible', messages: 'anthropic', gemini: 'gemini' } as const;

/** What one version of a history's configuration says, as the checks need it. */
export interface Version {
  readonly number: number;
  readonly models: readonly ScriptModel[];
  /** Keys of each provider that are in force. */
  readonly keys: readonly number[];
}

/** The versions of a history's configuration: the first, and one more for each reload. */
export function versionsOf(script: HistoryScript): readonly Version[] {
  const first: Version = {
    number: 0,
    models: script.models,
    keys: script.providers.map(({ keys }) => keys),
  };
  const versions = [first];
  for (const act of script.acts) {
    const last = versions.at(-1) ?? first;
    if (act.type === 'reload') versions.push({ ...changed(last, act.change), number: last.number + 1 });
  }
  return versions;
}

// A change that would leave a model without targets, or a provider without keys, changes nothing.
function changed(version: Version, change: ReloadChange): Version {
  switch (change.type) {
    case 'nothing':
      return version;
    case 'reverse':
      return {
        ...version,
        models: version.models.map((model) => ({ ...model, targets: model.targets.toReversed() })),
      };
    case 'remove-key':
      return {
        ...version,
        keys: version.keys.map((keys, position) =>
          position === change.provider ? Math.max(1, keys - 1) : keys,
        ),
      };
    case 'remove-target': {
      const models = version.models.map((model) => ({
        ...model,
        targets: model.targets.filter((position) => position !== change.provider),
      }));
      return models.every(({ targets }) => targets.length > 0) ? { ...version, models } : version;
    }
  }
}

/** Positions of the providers that a request may be sent to, in the order of the configuration. */
export function candidatesOf(version: Version, request: ScriptRequest): readonly number[] {
  if (request.limited && request.model !== 'm') return [];
  if (request.model.includes('/')) return [Number(request.model.slice(1, request.model.indexOf('/')))];
  const model = version.models.find(({ name }) => name === request.model);
  if (model === undefined) return [];
  const fallbacks = model.fallbacks.flatMap(
    (name) => version.models.find((other) => other.name === name)?.targets ?? [],
  );
  return [...new Set([...model.targets, ...fallbacks])];
}

/** What the file would say in this version. */
export function configurationOf(script: HistoryScript, version: Version): Json {
  return {
    timeouts: TIMEOUTS,
    failover: failoverOf(script),
    providers: Object.fromEntries(
      script.providers.map(({ wire }, position) => [
        providerName(position),
        {
          kind: KINDS[wire],
          base_url: `https://${providerName(position)}.example.com/v1`,
          keys: Array.from({ length: version.keys[position] ?? 1 }, (_, key) => keyReference(position, key)),
          headers: { [VERSION_HEADER]: String(version.number) },
          models: { [UPSTREAM_MODEL]: { cost_per_1m_tokens: { input: 1, output: 2 }, tools: true } },
        },
      ]),
    ),
    models: Object.fromEntries(version.models.map((model) => [model.name, modelOf(model)])),
  };
}

/** Reference to a key of a provider. */
export function keyReference(provider: number, key: number): string {
  return `env:KEY_${provider}_${key}`;
}

/** The secret behind the reference. */
export function keySecret(provider: number, key: number): string {
  return `secret-${provider}-${key}`;
}

/** All secrets of a history by reference. */
export function secretsOf(script: HistoryScript): { readonly [reference: string]: string } {
  return Object.fromEntries(
    script.providers.flatMap(({ keys }, provider) =>
      Array.from({ length: keys }, (_, key) => [keyReference(provider, key), keySecret(provider, key)]),
    ),
  );
}

function failoverOf({ failover }: HistoryScript): JsonObject {
  return {
    breaker: {
      consecutive_failures: failover.consecutiveFailures,
      open_ms: failover.openMs,
      open_max_ms: failover.openMaxMs,
      close_after_successes: failover.closeAfterSuccesses,
      ramp_ms: failover.rampMs,
    },
    retry_budget: { share: failover.retryShare, minimum: failover.retryMinimum },
    concurrency: failover.concurrencyMin === null ? false : { min: failover.concurrencyMin, max: 100 },
    probes: failover.probeEveryMs === null ? false : { every_ms: failover.probeEveryMs, timeout_ms: 2_000 },
  };
}

function modelOf(model: ScriptModel): JsonObject {
  const weighted = model.strategy === 'weighted';
  return {
    strategy: model.strategy,
    targets: model.targets.map((position, index) =>
      weighted ? { target: targetName(position), weight: index + 1 } : targetName(position),
    ),
    fallbacks: [...model.fallbacks],
    failover: {
      resume: model.resume,
      spare_share: model.spareShare,
      hedge: model.hedgeAfterMs === null ? false : { after_ms: model.hedgeAfterMs },
    },
  };
}
