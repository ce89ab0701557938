import type { DrillOptions } from '../drill/options.ts';
import { CommandError } from '../exit.ts';

/** `bellwether drill`: faults on purpose, at the running gateway, or on virtual time inside this process. */
export async function drill(options: DrillOptions): Promise<void> {
  const asked = KINDS.filter((kind) => options[kind] !== undefined);
  const [kind, another] = asked;
  if (kind === undefined) {
    throw new CommandError(
      'usage',
      'Say what to drill: --provider NAME --fault NAME at the running gateway, --scenario FILE or --replay FILE in this process, or --list.',
    );
  }
  if (another !== undefined) throw new CommandError('usage', `Give --${kind} or --${another}, not both.`);
  await RUN[kind](options);
}

const KINDS = ['provider', 'scenario', 'replay', 'list'] as const;

// The code of each kind is loaded when it is asked for.
const RUN: { readonly [kind in (typeof KINDS)[number]]: (options: DrillOptions) => Promise<void> } = {
  provider: async (options) => (await import('../drill/at-gateway.ts')).drillAtGateway(options),
  scenario: async (options) => (await import('../drill/scenario.ts')).drillScenario(options),
  replay: async (options) => (await import('../drill/replay.ts')).drillReplay(options),
  list: async (options) => (await import('../drill/scenario.ts')).listScenarios(options),
};
