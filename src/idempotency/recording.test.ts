import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textToBytes } from '../base/bytes.ts';
import { RecordingSink } from '../testing/recording-sink.ts';
import { AnswerCache } from './answer-cache.ts';
import { follow } from './follower.ts';
import { Recording } from './recording.ts';

type Step =
  | { readonly do: 'write'; readonly bytes: number }
  | { readonly do: 'join' | 'block' | 'drain' | 'leave'; readonly who: number };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('write' as const), bytes: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ do: fc.constantFrom('join', 'block', 'drain', 'leave'), who: fc.nat(5) }),
);

/** An answer that is sent while others come, read slowly, and go. */
function play(steps: readonly Step[], bytesMax: number) {
  const owner = new RecordingSink();
  const room = new AnswerCache(1_000_000);
  const recording = new Recording({ owner, bytesMax, room });
  const joined: RecordingSink[] = [];
  let [sent, heldBack] = ['', 0];
  recording.open([]);
  for (const each of steps) {
    if (each.do === 'write') {
      const piece = String(sent.length % 10).repeat(each.bytes);
      sent += piece;
      if (!recording.write(textToBytes(piece))) heldBack += 1;
    } else if (each.do !== 'join') {
      joined[each.who % Math.max(1, joined.length)]?.[each.do]();
    } else if (!recording.outgrown) {
      const sink = new RecordingSink();
      joined.push(sink);
      void follow(recording, sink);
    }
  }
  recording.end([]);
  for (const sink of joined) for (let turn = 0; turn < 100; turn += 1) sink.drain();
  return { owner, room, recording, joined, sent, heldBack };
}

describe('a recording', () => {
  it('gives everybody who stays exactly the bytes of the owner or cuts him off, in any order of things', () => {
    fc.assert(
      fc.property(
        fc.array(anyStep, { maxLength: 60 }),
        fc.integer({ min: 50, max: 800 }),
        (steps, bytesMax) => {
          const { owner, room, recording, joined, sent, heldBack } = play(steps, bytesMax);
          // Those who read slowly never hold the owner back.
          expect(heldBack).toBe(0);
          expect(owner).toMatchObject({ body: sent, ending: 'whole' });
          const kept = sent.length <= bytesMax;
          for (const { ending, closed, body, spokeAfterEnd } of joined) {
            expect([sent.startsWith(body), spokeAfterEnd]).toEqual([true, false]);
            const whole = ending === 'whole';
            expect([whole && body !== sent, ending === 'open' && !closed]).toEqual([false, false]);
            // Nobody is cut off who could be served from what is kept.
            expect(kept && ending === 'cut').toBe(false);
          }
          expect(recording.finished()?.body ?? null).toBe(kept ? sent : null);
          expect(room.bytes).toBe(0);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('has no more room than all answers together may take, and makes it at the cost of the oldest kept ones', () => {
    const room = new AnswerCache(5_000);
    const kept = (id: string) => ({
      id,
      keyId: 'k',
      fingerprint: '',
      answer: null,
      createdAtMs: 0,
      expiresAtMs: 10,
    });
    for (const id of ['a', 'b', 'c']) room.set(kept(id), 100);
    const recording = new Recording({ owner: new RecordingSink(), bytesMax: 10_000, room });
    recording.open([]);
    recording.write(textToBytes('x'.repeat(3_500)));
    expect([room.get('a', 0), room.get('b', 0), room.get('c', 0)?.id]).toEqual([null, null, 'c']);
    recording.write(textToBytes('x'.repeat(1_600)));
    expect([recording.outgrown, room.size, room.bytes]).toEqual([true, 0, 0]);
    recording.end([]);
    expect(room.bytes).toBe(0);
  });
});
