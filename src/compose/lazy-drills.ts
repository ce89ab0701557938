import type { DrillDesk, DrillPorts } from '../drill/drill-desk.ts';
import { DrillTransport } from '../drill/drill-transport.ts';
import type { Drill, DrillControl, DrillOrder, DrillStart } from '../spec/drill.ts';
import type { DrillEnding, GatewayEvent } from '../spec/event.ts';
import type { Transport } from '../spec/ports.ts';

/**
 * The drills of a gateway. Most gateways never have one, and what makes faults is a part of the simulator: it is loaded
 * when somebody first asks for drills.
 */
export class LazyDrills implements DrillControl {
  /** The way to providers, with the drills in front of it. */
  readonly transport: DrillTransport;
  readonly #ports: Omit<DrillPorts, 'transport'>;
  #desk: DrillDesk | null = null;

  constructor(inner: Transport, ports: Omit<DrillPorts, 'transport'>) {
    this.transport = new DrillTransport(inner);
    this.#ports = ports;
  }

  async start(order: DrillOrder): Promise<DrillStart> {
    return (await this.#loaded()).start(order);
  }

  async list(): Promise<readonly Drill[]> {
    return this.#desk?.list() ?? [];
  }

  async get(id: string): Promise<Drill | null> {
    return this.#desk?.get(id) ?? null;
  }

  async stop(id: string): Promise<Drill | null> {
    return this.#desk?.stop(id) ?? null;
  }

  /** Ends all of them, at a reload or at the end of the gateway. */
  endAll(ending: DrillEnding): void {
    this.#desk?.endAll(ending);
  }

  /** An event as subscribers should hear it: what failed by a drill says so. */
  marked(event: GatewayEvent): GatewayEvent {
    return this.#desk === null ? event : this.#desk.marked(event);
  }

  async #loaded(): Promise<DrillDesk> {
    const { DrillDesk: Desk } = await import('../drill/drill-desk.ts');
    this.#desk ??= new Desk({ ...this.#ports, transport: this.transport });
    return this.#desk;
  }
}
