import type { JsonObject } from '../../src/base/json.ts';
import { createNodeRuntime } from '../../src/node/runtime.ts';
import { startSimulator, type RunningSimulator } from '../../src/server/simulate-server.ts';
import { INSTANT_PACE, type Pace, type WireName } from '../../src/simulator/settings.ts';
import { openGateway, PROVIDER_KEY, type RunningGateway } from './gateway.ts';

/** The wires on which simulated providers stand behind the gateway. */
export const WIRES = ['openai', 'anthropic', 'gemini'] as const;
export type Wire = (typeof WIRES)[number];

/** A gateway in front of one simulated provider server for each wire. */
export interface House extends RunningGateway {
  readonly simulators: { readonly [wire in Wire]: RunningSimulator };
}

export interface HouseOptions {
  readonly pace?: Pace;
  /** More public models. */
  readonly models?: JsonObject;
  readonly server?: JsonObject;
}

/** The public model of each wire. */
export const MODELS: { readonly [wire in Wire]: string } = {
  openai: 'on-openai',
  anthropic: 'on-anthropic',
  gemini: 'on-gemini',
};

/** Starts the house: everything listens on real sockets of the loopback interface. */
export async function openHouse({ pace = INSTANT_PACE, models, server }: HouseOptions = {}): Promise<House> {
  const [openai, anthropic, gemini] = await Promise.all([
    startProvider('chat', pace),
    startProvider('messages', pace),
    startProvider('generate-content', pace),
  ]);
  const key = PROVIDER_KEY;
  const gateway = await openGateway({
    ...(server === undefined ? {} : { server }),
    providers: {
      openai: { kind: 'openai', base_url: `${openai.url}/v1`, key },
      deepseek: { kind: 'deepseek', base_url: `${openai.url}/p/deepseek`, key },
      anthropic: { kind: 'anthropic', base_url: `${anthropic.url}/v1`, key },
      gemini: { kind: 'gemini', base_url: `${gemini.url}/v1beta`, key },
    },
    models: {
      [MODELS.openai]: { targets: ['openai/gpt-4.1'] },
      [MODELS.anthropic]: { targets: ['anthropic/claude-sonnet-4-5'] },
      [MODELS.gemini]: { targets: ['gemini/gemini-2.5-flash'] },
      'reasons-openai': { targets: ['openai/gpt-5'] },
      'reasons-deepseek': { targets: ['deepseek/deepseek-reasoner'] },
      'reasons-anthropic': { targets: ['anthropic/claude-sonnet-4-5'] },
      'reasons-gemini': { targets: ['gemini/gemini-3-pro-preview'] },
      embeds: { targets: ['openai/text-embedding-3-small'] },
      ...models,
    },
  });
  return {
    ...gateway,
    simulators: { openai, anthropic, gemini },
    close: async () => {
      await gateway.close();
      await Promise.all([openai.close(), anthropic.close(), gemini.close()]);
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
