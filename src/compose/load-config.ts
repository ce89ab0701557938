import { readFileSync } from 'node:fs';
import { isObject, type Json } from '../base/json.ts';
import { presetConfig } from '../catalog/preset-config.ts';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import type { ParsedFile } from '../config/parse.ts';
import { resolveConfig } from '../config/resolve.ts';
import { didYouMean } from '../base/nearest.ts';
import { FAULT_NAMES, faultNamed } from '../simulator/faults/names.ts';
import { PROVIDERS } from '../providers/index.ts';
import type { Secrets } from '../spec/ports.ts';

/** Where a configuration comes from: a file, a value in memory, or neither: then the environment's keys decide. */
export type ConfigSource =
  | { readonly type: 'file'; readonly path: string; readonly parse: ParseFile }
  | { readonly type: 'value'; readonly value: Json }
  | { readonly type: 'environment' };

type ParseFile = (file: string, text: string) => ParsedFile;

/** The configuration of a file. The parser is loaded here: 3 MB that nobody needs who has no file. */
export async function configFile(path: string): Promise<ConfigSource> {
  const { parseConfigFile } = await import('../config/parse.ts');
  return { type: 'file', path, parse: parseConfigFile };
}

/** A configuration and what is worth saying about where it came from. */
export interface LoadedConfig {
  readonly config: Config;
  /** Whether simulated providers stand in because no key was found. */
  readonly standIns: boolean;
}

/** Reads and checks a configuration; throws `ConfigError` with every problem, file and line. */
export function loadConfig(source: ConfigSource, secrets: Secrets): LoadedConfig {
  const hasSecret = (reference: string): boolean => secrets.resolve(reference) !== null;
  const context = { definitions: PROVIDERS, hasSecret, wrongFault };
  switch (source.type) {
    case 'file': {
      const parsed = source.parse(source.path, readConfigText(source.path));
      const lineOf = (path: readonly (string | number)[]): number => parsed.lineOf(path);
      const value = withPresets(parsed.value, hasSecret);
      return {
        config: resolveConfig(value.value, { ...context, source: source.path, lineOf }),
        standIns: value.standIns,
      };
    }
    case 'value': {
      const value = withPresets(source.value, hasSecret);
      const place = { source: 'the configuration', lineOf: () => null };
      return { config: resolveConfig(value.value, { ...context, ...place }), standIns: value.standIns };
    }
    case 'environment':
      return loadConfig({ type: 'value', value: {} }, secrets);
  }
}

// Whoever names providers decides everything about models; who names none gets the preset ones.
function withPresets(
  value: Json,
  hasSecret: (reference: string) => boolean,
): { readonly value: Json; readonly standIns: boolean } {
  if (!isObject(value)) return { value, standIns: false };
  if ('providers' in value || 'models' in value || 'routes' in value) return { value, standIns: false };
  const preset = presetConfig(PROVIDERS, hasSecret);
  return { value: { ...value, ...preset.sections }, standIns: preset.simulated };
}

function readConfigText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(path, [{ path: '', message: `cannot be read: ${reason}`, line: null }]);
  }
}

/** What is wrong with the name of a fault; null where there is such a fault. */
export function wrongFault(name: string): string | null {
  if (faultNamed(name) !== null) return null;
  const known = Object.keys(FAULT_NAMES);
  return `there is no fault "${name}"${didYouMean(name, known) || `; known are ${known.join(', ')}`}`;
}
