import type { Json } from '../base/json.ts';
import { configFile, type ConfigSource } from '../compose/load-config.ts';
import type { ConfigInput } from '../config/schema.ts';
import type { NodeRuntimeOptions } from '../node/runtime.ts';

/** How a gateway is made inside another program. */
export interface GatewayOptions {
  /**
   * The configuration: an object in the form of `bellwether.yaml`, or the path of such a file. Without one, providers are
   * those whose API keys the environment holds; without any key, simulated ones.
   */
  readonly config?: ConfigInput | string;
  /** Variables in which `env:NAME` is looked up; the default is the process's. */
  readonly environment?: { readonly [name: string]: string | undefined };
  /** Where log lines go; the default is warnings and errors to standard error. */
  readonly log?: NonNullable<NodeRuntimeOptions['log']>;
}

/** Where the configuration of these options comes from. */
export async function configSource(config: GatewayOptions['config']): Promise<ConfigSource> {
  if (config === undefined) return { type: 'environment' };
  if (typeof config === 'string') return configFile(config);
  // What an object holds besides JSON is refused by the schema; the copy makes it plain data.
  const value: Json = JSON.parse(JSON.stringify(config));
  return { type: 'value', value };
}
