import type { Config } from '../config/config.ts';
import { checkFault } from '../simulator/faults/check-fault.ts';
import type { Fault } from '../simulator/faults/fault.ts';
import type { Simulator } from '../simulator/simulator.ts';
import type { Runtime, Transport } from '../spec/ports.ts';
import { simulatedProviders } from './simulated-providers.ts';

/** What others may do with the simulator of a gateway. */
export type SimulatorFaults = Pick<Simulator, 'setFault' | 'faults'>;

/**
 * The simulator of a gateway. It is a tenth of the program, and most gateways have real providers only: it is loaded with
 * the first configuration that needs it.
 */
export class LazySimulator implements SimulatorFaults {
  readonly #runtime: Runtime;
  readonly #early = new Map<string, Fault | null>();
  // The simulator reads its settings anew with every request, so a reload takes effect here too.
  #providers: ReturnType<typeof simulatedProviders> = {};
  #loaded: { readonly simulator: Simulator; readonly transport: Transport } | null = null;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** The transport of the runtime, with the simulated providers in it. */
  readonly transport: Transport = {
    send: (request, handler) => (this.#loaded?.transport ?? this.#runtime.transport).send(request, handler),
    close: () => (this.#loaded?.transport ?? this.#runtime.transport).close(),
  };

  /** Makes sure that the simulator is there where a configuration has simulated providers; changes nothing yet. */
  async prepare(config: Config): Promise<void> {
    if (this.#loaded !== null || Object.keys(simulatedProviders(config)).length === 0) return;
    const { createSimulator } = await import('../simulator/simulator.ts');
    const { clock, random, crypto, transport } = this.#runtime;
    const simulator = createSimulator({ clock, random, crypto, settings: this.#settings() });
    for (const [provider, fault] of this.#early) simulator.setFault(provider, fault);
    this.#loaded = { simulator, transport: simulator.transport(transport) };
  }

  /** Puts the simulated providers of a configuration in force. */
  adopt(config: Config): void {
    this.#providers = simulatedProviders(config);
  }

  setFault(provider: string, fault: Fault | null): void {
    checkFault(fault);
    if (this.#loaded === null) this.#early.set(provider, fault);
    else this.#loaded.simulator.setFault(provider, fault);
  }

  faults(): ReadonlyMap<string, Fault> {
    if (this.#loaded !== null) return this.#loaded.simulator.faults();
    return new Map([...this.#early].flatMap(([name, fault]) => (fault === null ? [] : [[name, fault]])));
  }

  #settings() {
    const current = () => this.#providers;
    return {
      get providers() {
        return current();
      },
    };
  }
}
