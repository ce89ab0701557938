import type { Config } from '../config/config.ts';
import { createNodeRuntime } from '../node/runtime.ts';
import type { KeyDirectoryView } from '../store/store.ts';
import { composeGateway, type ComposedGateway } from './compose-gateway.ts';

/** A gateway over a configuration that serves nobody: for questions about plans, models and providers. */
export interface Preview extends ComposedGateway {
  close(): Promise<void>;
}

/** Composes a gateway without keys, store, server and log. */
export async function previewGateway(config: Config): Promise<Preview> {
  const node = createNodeRuntime({ log: { level: 'silent' }, processLife: 'hold' });
  const composed = await composeGateway({ config, runtime: node.runtime, keys: NOBODY });
  return { ...composed, close: () => node.close() };
}

const NOBODY: KeyDirectoryView = {
  identify: () => ({ type: 'refused', reason: 'unknown', message: 'A preview serves nobody.' }),
};
