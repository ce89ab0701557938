import type { Clock, Random } from '../../../src/spec/ports.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import type { DurableScript, ScriptStoreFault } from './script.ts';

/** What a store is reached through: time passes, calls fail, and a process that dies leaves calls under way. */
export interface LineOptions {
  readonly script: DurableScript;
  readonly clock: Clock;
  readonly random: Random;
  elapsedMs(): number;
  /** Whether the process at this end lives. */
  alive(): boolean;
  /** Told of each fault that a caller met. */
  onFault(part: ScriptStoreFault['part'], type: ScriptStoreFault['type']): void;
}

interface UnderWay {
  readonly arrive: () => Promise<void>;
  gone: boolean;
}

/** The line between one process and the stores. Calls overtake each other: the interface promises no order. */
export class Line {
  readonly #options: LineOptions;
  readonly #underWay = new Set<UnderWay>();

  constructor(options: LineOptions) {
    this.#options = options;
  }

  call<Value>(part: ScriptStoreFault['part'], work: () => Promise<Value>): Promise<Value> {
    const { script, clock, random } = this.#options;
    const alive = (): boolean => this.#options.alive();
    return new Promise<Value>((resolve, reject) => {
      if (!alive()) return;
      const fault = this.#fault(part);
      const latency = (): number => Math.floor(random.next() * (script.disk.latencyMs + 1));
      const back = (answer: () => void): void => {
        clock.after(latency(), () => {
          if (alive()) answer();
        });
      };
      if (fault === 'fails') {
        back(() => reject(new StoreError('unavailable', 'The disk is sulking.')));
        return;
      }
      const call: UnderWay = {
        gone: false,
        arrive: async () => {
          if (call.gone) return;
          call.gone = true;
          this.#underWay.delete(call);
          try {
            const value = await work();
            back(() => {
              if (fault === 'doubt') reject(new StoreError('unavailable', 'The line broke.'));
              else resolve(value);
            });
          } catch (error) {
            back(() => reject(error));
          }
        },
      };
      this.#underWay.add(call);
      const slowMs = fault === 'slow' ? SLOW_MS_MIN + Math.floor(random.next() * SLOW_MS_MORE) : 0;
      clock.after(slowMs + latency(), () => void call.arrive());
    });
  }

  /** The process died: of what is under way a part that chance picks still arrives. */
  async cut(): Promise<void> {
    for (const call of this.#underWay) {
      if (this.#options.random.next() < 0.5) await call.arrive();
      else call.gone = true;
    }
    this.#underWay.clear();
  }

  #fault(part: ScriptStoreFault['part']): ScriptStoreFault['type'] | null {
    const { script, random } = this.#options;
    const atMs = this.#options.elapsedMs();
    for (const fault of script.storeFaults) {
      if (fault.part !== part || atMs < fault.fromMs || atMs >= fault.untilMs) continue;
      if (random.next() >= fault.share) continue;
      this.#options.onFault(part, fault.type);
      return fault.type;
    }
    return null;
  }
}

const SLOW_MS_MIN = 100;
const SLOW_MS_MORE = 15_000;
