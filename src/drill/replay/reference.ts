import { answerText } from './answer-text.ts';
import type { ReplayRequest } from './workload.ts';
import type { OpenWorld, Seen, WorldOptions } from './world.ts';

/** A request with what a world without faults makes of it. */
export interface Referenced {
  readonly request: ReplayRequest;
  readonly text: string;
  readonly durationMs: number;
  readonly costNanodollars: bigint | null;
}

const PATIENCE_MS = 600_000;

/** Sends every request once in a world without faults. Throws where one is not answered there: it would prove nothing. */
export async function referencesOf(
  pool: readonly ReplayRequest[],
  open: OpenWorld,
  options: WorldOptions,
): Promise<readonly Referenced[]> {
  const world = await open(options);
  const found: Referenced[] = [];
  for (const request of pool) {
    let seen: Seen | null = null;
    const heard = (): Seen | null => seen;
    world.send(request, (told) => {
      seen = told;
    });
    const untilMs = world.nowMs() + PATIENCE_MS;
    while (heard() === null && world.nowMs() < untilMs) await world.advanceTo(world.nowMs() + 1_000);
    found.push(referenceFrom(request, heard()));
  }
  return found;
}

function referenceFrom(request: ReplayRequest, seen: Seen | null): Referenced {
  const text = seen === null ? '' : answerText(request.wire, seen.body);
  if (seen === null || seen.status !== 200 || seen.ending !== 'whole' || text === '') {
    throw new Error(
      `without any fault, a request of the replay was not answered (status ${seen?.status ?? 'none'}): ${seen?.body.slice(0, 300) ?? ''}`,
    );
  }
  return { request, text, durationMs: seen.durationMs, costNanodollars: seen.costNanodollars };
}
