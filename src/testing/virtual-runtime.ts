import { createCrypto } from '../node/crypto.ts';
import type { Runtime, Transport } from '../spec/ports.ts';
import { RecordingLog, type LoggedLine } from './recording-log.ts';
import { seededRandom } from './seeded-random.ts';
import { VirtualClock } from './virtual-clock.ts';

/** An outside world that repeats itself: virtual time, seeded chance, no network but the transport given. */
export interface VirtualRuntime {
  readonly runtime: Runtime;
  readonly clock: VirtualClock;
  /** Everything that was logged, oldest first. */
  readonly lines: readonly LoggedLine[];
}

export interface VirtualRuntimeOptions {
  readonly seed?: number;
  /** Values of secrets by reference. */
  readonly secrets?: { readonly [reference: string]: string };
  /** The way to providers; the default fails every call. */
  readonly transport?: Transport;
}

/** Makes a runtime for tests: the whole gateway runs on it without a clock, a socket or chance of its own. */
export function virtualRuntime(options: VirtualRuntimeOptions = {}): VirtualRuntime {
  const clock = new VirtualClock();
  const log = new RecordingLog();
  const secrets = options.secrets ?? {};
  return {
    clock,
    lines: log.lines,
    runtime: {
      clock,
      random: seededRandom(options.seed ?? 1),
      crypto: createCrypto(),
      transport: options.transport ?? unreachableNetwork(clock),
      secrets: {
        resolve: (reference) => (Object.hasOwn(secrets, reference) ? (secrets[reference] ?? null) : null),
      },
      log,
    },
  };
}

function unreachableNetwork(clock: VirtualClock): Transport {
  return {
    send: (request, handler) => {
      const timer = clock.after(1, () =>
        handler.onFail({
          type: 'connect',
          message: `there is no network to reach ${request.url}`,
          sent: false,
        }),
      );
      return { pause: () => {}, resume: () => {}, abort: () => timer.cancel() };
    },
    close: async () => {},
  };
}
