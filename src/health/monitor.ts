import type { ProbesConfig } from '../config/config.ts';
import type { CallResult, TargetReport } from '../spec/health.ts';
import type { Clock, Timer } from '../spec/ports.ts';

/** A target and the keys it has. */
export interface ProbeTarget {
  /** `provider/upstream-model`. */
  readonly target: string;
  readonly keyCount: number;
}

/** What a monitor watches over, and how. */
export interface MonitorPorts {
  /** Must not keep a process alive by itself. */
  readonly clock: Clock;
  /** The settings in force; null: no probes. */
  config(): ProbesConfig | null;
  /** The configured targets. */
  targets(): readonly ProbeTarget[];
  /** How a target is seen at present. */
  report(target: string): TargetReport;
  /** Asks a target for next to nothing. Never rejects. */
  probe(target: string, keyIndex: number, timeoutMs: number): Promise<CallResult>;
  /** Takes what a probe came to. */
  probed(target: string, keyIndex: number, result: CallResult): void;
}

/** How often it looks whether a probe is due, as a share of the shortest wait. */
const LOOKS_PER_WAIT = 6;
const LOOK_MIN_MS = 50;
/** Most probes at once; a gateway has better things to do. */
const AT_ONCE_MAX = 4;

/**
 * Finds out whether targets work that nobody uses at present, so that a fallback is not found dead when it is needed, and one
 * that was down is found well again without a caller's request as the price. A target with recent traffic is not asked.
 */
export class HealthMonitor {
  readonly #ports: MonitorPorts;
  readonly #running = new Set<string>();
  /** When each target was last asked, on the monotonic clock, and with which key it is asked next. */
  readonly #asked = new Map<string, { atMs: number; keyIndex: number }>();
  #timer: Timer | null = null;
  #stopped = false;

  constructor(ports: MonitorPorts) {
    this.#ports = ports;
  }

  /** Begins to look; the first probes come when nothing was heard of a target for the configured time. */
  start(): void {
    const { clock } = this.#ports;
    const nowMs = clock.monotonicMs();
    for (const { target } of this.#ports.targets()) this.#asked.set(target, { atMs: nowMs, keyIndex: 0 });
    this.#wait();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #wait(): void {
    if (this.#stopped) return;
    const config = this.#ports.config();
    // Probes may be turned on by a reload.
    const shortest = config === null ? 60_000 : Math.min(config.everyMs, config.retryMs);
    const ms = Math.max(LOOK_MIN_MS, shortest / LOOKS_PER_WAIT);
    this.#timer = this.#ports.clock.after(ms, () => {
      this.#look();
      this.#wait();
    });
  }

  #look(): void {
    const config = this.#ports.config();
    if (config === null) return;
    for (const each of this.#ports.targets()) {
      if (this.#running.size >= AT_ONCE_MAX) return;
      if (!this.#running.has(each.target) && this.#isDue(each.target, config)) void this.#ask(each, config);
    }
  }

  #isDue(target: string, { everyMs, retryMs }: ProbesConfig): boolean {
    const { clock } = this.#ports;
    const nowMs = clock.nowMs();
    const { healthy, lastCheckMs, parkedUntilMs } = this.#ports.report(target);
    // Whoever said until when to stay away is believed.
    if (parkedUntilMs !== null && parkedUntilMs > nowMs) return false;
    const sinceAskedMs = clock.monotonicMs() - (this.#asked.get(target)?.atMs ?? -Infinity);
    if (!healthy) return sinceAskedMs >= retryMs;
    // A check that is still to come was told before the clock of the wall was set back.
    const sinceHeardMs = lastCheckMs === null || lastCheckMs > nowMs ? Infinity : nowMs - lastCheckMs;
    return Math.min(sinceAskedMs, sinceHeardMs) >= everyMs;
  }

  async #ask({ target, keyCount }: ProbeTarget, { timeoutMs }: ProbesConfig): Promise<void> {
    const keyIndex = (this.#asked.get(target)?.keyIndex ?? 0) % keyCount;
    this.#asked.set(target, { atMs: this.#ports.clock.monotonicMs(), keyIndex: keyIndex + 1 });
    this.#running.add(target);
    const result = await this.#ports.probe(target, keyIndex, timeoutMs);
    this.#running.delete(target);
    if (!this.#stopped) this.#ports.probed(target, keyIndex, result);
  }
}
