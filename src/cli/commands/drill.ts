import type { AdminOptions } from '../admin/door.ts';
import { CommandError } from '../exit.ts';

/** Options of `bellwether drill`; which of them are given says what kind of drill it is. */
export interface DrillOptions extends AdminOptions {
  readonly provider?: string;
  readonly fault?: string;
  readonly share?: string;
  readonly for?: string;
  readonly scenario?: string;
  readonly print?: boolean;
  readonly list?: boolean;
  readonly replay?: string;
  readonly services?: readonly string[];
  readonly period?: string;
  readonly mode?: string;
  readonly requests?: string;
  readonly seed?: string;
  readonly json?: boolean;
}

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
