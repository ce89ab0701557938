import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig } from '../../src/compose/load-config.ts';
import { startInstance, type Instance } from '../../src/compose/instance.ts';
import { createNodeRuntime } from '../../src/node/runtime.ts';
import { createSecrets } from '../../src/node/secrets.ts';
import { startSimulator, type RunningSimulator } from '../../src/server/simulate-server.ts';
import { INSTANT_PACE, type Pace, type WireName } from '../../src/simulator/settings.ts';
import type { Json, JsonObject } from '../../src/base/json.ts';

/** The wires on which simulated providers stand behind the gateway. */
export const WIRES = ['openai', 'anthropic', 'gemini'] as const;
export type Wire = (typeof WIRES)[number];

/** A gateway on a free port with a temporary data folder, in front of one simulated provider server for each wire. */
export interface House {
  /** Address of the gateway, without a version. */
  readonly url: string;
  /** A virtual key that may do everything. */
  readonly key: string;
  readonly instance: Instance;
  readonly simulators: { readonly [wire in Wire]: RunningSimulator };
  close(): Promise<void>;
}

export interface HouseOptions {
  readonly pace?: Pace;
  /** More entries for the sections of the configuration. */
  readonly models?: JsonObject;
  readonly server?: JsonObject;
}

/** Public models of the house: one for each wire, and one that reasons. */
export const MODELS: { readonly [wire in Wire]: string } = {
  openai: 'on-openai',
  anthropic: 'on-anthropic',
  gemini: 'on-gemini',
};

/** Upstream addresses, for requests that name a target directly. */
export const TARGETS: { readonly [wire in Wire]: string } = {
  openai: 'openai/gpt-4.1',
  anthropic: 'anthropic/claude-sonnet-4-5',
  gemini: 'gemini/gemini-2.5-flash',
};

/** Starts the house: everything listens on real sockets of the loopback interface. */
export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bellwether-conformance-'));
  const secret = path.join(folder, 'provider-key');
  await writeFile(secret, 'sk-provider');
  const pace = options.pace ?? INSTANT_PACE;
  const [openai, anthropic, gemini] = await Promise.all([
    startProvider('chat', pace),
    startProvider('messages', pace),
    startProvider('generate-content', pace),
  ]);
  const key = `file:${secret}`;
  const value: Json = {
    server: { port: 0, ...options.server },
    store: { url: `sqlite:${path.join(folder, 'bellwether.db')}` },
    observe: { log_level: 'silent' },
    providers: {
      openai: { kind: 'openai', base_url: `${openai.url}/v1`, key },
      deepseek: { kind: 'deepseek', base_url: `${openai.url}/p/deepseek`, key },
      anthropic: { kind: 'anthropic', base_url: `${anthropic.url}/v1`, key },
      gemini: { kind: 'gemini', base_url: `${gemini.url}/v1beta`, key },
    },
    models: {
      [MODELS.openai]: { targets: [TARGETS.openai] },
      [MODELS.anthropic]: { targets: [TARGETS.anthropic] },
      [MODELS.gemini]: { targets: [TARGETS.gemini] },
      'reasons-openai': { targets: ['openai/gpt-5'] },
      'reasons-deepseek': { targets: ['deepseek/deepseek-reasoner'] },
      'reasons-anthropic': { targets: [TARGETS.anthropic] },
      'reasons-gemini': { targets: ['gemini/gemini-3-pro-preview'] },
      'reads-vectors': { targets: ['openai/text-embedding-3-small'] },
      ...options.models,
    },
  };
  const instance = await startInstance({ loaded: loadConfig({ type: 'value', value }, createSecrets()) });
  const issued = await instance.keys.issue({
    role: 'inference',
    name: 'conformance',
    models: null,
    directTargets: true,
    tags: [],
    expiresAtMs: null,
  });
  return {
    url: instance.server.url,
    key: issued.plain,
    instance,
    simulators: { openai, anthropic, gemini },
    close: async () => {
      await instance.close(0);
      await Promise.all([openai.close(), anthropic.close(), gemini.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startProvider(wire: WireName, pace: Pace): Promise<RunningSimulator> {
  const { runtime, close } = createNodeRuntime({ log: { level: 'silent' } });
  const simulator = await startSimulator({ ...runtime, settings: { defaults: { wire, pace } } });
  return {
    ...simulator,
    close: async () => {
      await simulator.close();
      await close();
    },
  };
}
