import { diceFrom } from '../../simulator/answer/dice.ts';
import { judge } from './judge.ts';
import type { Referenced } from './reference.ts';
import { SLOT_MS, type SampledSlot, type SlotsByStratum } from './slots.ts';
import { Tally, type Place } from './tally.ts';
import { idealOf, type Stretch, type Timeline } from './timeline.ts';
import type { TraceRow } from './trace.ts';
import { arrivals } from './workload.ts';
import type { ReplayWorld, Seen } from './world.ts';

/** Everything that a run of the sampled minutes needs. */
export interface PlayOptions {
  readonly world: ReplayWorld;
  readonly timeline: Timeline;
  readonly slots: SlotsByStratum;
  readonly sampled: readonly SampledSlot[];
  readonly trace: readonly TraceRow[];
  readonly references: readonly Referenced[];
  readonly requestsPerSlot: number;
  readonly deadlineMs: number;
  readonly seed: number;
}

/**
 * Time before a minute in which requests are sent as in it but not counted, so that the gateway knows by then what is the
 * matter. Left out where the minute before was simulated too.
 */
export const WARM_UP_MS = 30_000;

/** A request may end this much after its deadline before the replay gives up on it. */
const GRACE_MS = 60_000;

/**
 * Plays the sampled minutes in order of time: faults come and go as the timeline says, requests come as in the trace, and
 * the time between is passed over on the virtual clock, so that every timer of the gateway fires when it should. Throws
 * where a request never ends.
 */
export async function playSlots(options: PlayOptions): Promise<Tally> {
  const player = new Player(options);
  for (const slot of options.sampled) await player.play(slot);
  await player.drain();
  return player.tally;
}

class Player {
  readonly tally = new Tally();
  readonly #options: PlayOptions;
  readonly #weights: { readonly [stratum: string]: number };
  #stretch = 0;
  #open = 0;
  #playedUntilMs = -Infinity;

  constructor(options: PlayOptions) {
    this.#options = options;
    const { slots, sampled, requestsPerSlot } = options;
    this.#weights = Object.fromEntries(
      Object.entries(slots).map(([stratum, all]) => {
        const drawn = sampled.filter((slot) => slot.stratum === stratum).length;
        return [stratum, drawn === 0 ? 0 : all.length / (drawn * requestsPerSlot)];
      }),
    );
    this.#adopt(this.#current());
  }

  async play(slot: SampledSlot): Promise<void> {
    const { trace, references, requestsPerSlot, seed } = this.#options;
    const dice = diceFrom(`${seed}/slot/${slot.startMs}`);
    const pick = (): Referenced | undefined => references[dice.below(references.length)];
    if (this.#playedUntilMs <= slot.startMs - WARM_UP_MS) {
      const count = Math.ceil((requestsPerSlot * WARM_UP_MS) / SLOT_MS);
      for (let index = 0; index < count; index += 1) {
        await this.#goTo(slot.startMs - WARM_UP_MS + (index * WARM_UP_MS) / count);
        this.#send(pick(), null);
      }
    }
    for (const atMs of arrivals(trace, requestsPerSlot, dice)) {
      await this.#goTo(slot.startMs + atMs);
      this.#send(pick(), slot);
    }
    this.#playedUntilMs = slot.startMs + SLOT_MS;
  }

  async drain(): Promise<void> {
    const { world, deadlineMs } = this.#options;
    const untilMs = world.nowMs() + deadlineMs + GRACE_MS;
    while (this.#open > 0) {
      if (world.nowMs() > untilMs) throw new Error(`${this.#open} requests of the replay never ended`);
      await this.#goTo(world.nowMs() + 1_000);
    }
  }

  // Time passes, and whatever changes at a service on the way changes when it should.
  async #goTo(ms: number): Promise<void> {
    const { world, timeline } = this.#options;
    for (;;) {
      const next = timeline.stretches[this.#stretch + 1];
      if (next === undefined || next.startMs > ms) break;
      await world.advanceTo(next.startMs);
      this.#stretch += 1;
      this.#adopt(next);
    }
    await world.advanceTo(ms);
  }

  #adopt(stretch: Stretch): void {
    const { world, timeline } = this.#options;
    timeline.services.forEach((service, index) => {
      world.setFault(service, stretch.conditions[index]?.fault ?? null);
    });
  }

  #current(): Stretch {
    const stretch = this.#options.timeline.stretches[this.#stretch];
    if (stretch === undefined) throw new Error('the timeline is empty');
    return stretch;
  }

  #send(reference: Referenced | undefined, slot: SampledSlot | null): void {
    if (reference === undefined) throw new Error('there is no request to send');
    const stretch = this.#current();
    const sentAtMs = this.#options.world.nowMs();
    this.#open += 1;
    this.#options.world.send(reference.request, (seen) => {
      this.#open -= 1;
      if (slot !== null) this.#count({ reference, slot, stretch, sentAtMs }, seen);
    });
  }

  #count({ reference, slot, stretch, sentAtMs }: SentRequest, seen: Seen): void {
    this.tally.add({
      sentAtMs,
      trouble: troubleIn(stretch, this.#options.timeline.services),
      stratum: slot.stratum,
      slotMs: slot.startMs,
      place: placeOf(stretch),
      ideal: idealOf(stretch),
      weight: this.#weights[slot.stratum] ?? 0,
      reference,
      seen,
      verdict: judge(reference.request, seen, reference.text, this.#options.deadlineMs),
    });
  }
}

interface SentRequest {
  readonly reference: Referenced;
  readonly slot: SampledSlot;
  readonly stretch: Stretch;
  readonly sentAtMs: number;
}

function troubleIn({ conditions }: Stretch, services: readonly string[]): string {
  return services
    .flatMap((service, index) => {
      const kind = conditions[index]?.fault.kind;
      if (kind === undefined) return [];
      return `${service}: ${kind.type}${kind.type === 'status' ? ` ${kind.error}` : ''}`;
    })
    .join(', ');
}

function placeOf(stretch: Stretch): Place {
  if (idealOf(stretch) === 0) return 'down';
  return stretch.conditions.some((condition) => condition !== null) ? 'inside' : 'outside';
}
