import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bytes } from '../../base/bytes.ts';
import { brandText } from '../../base/brand.ts';
import {
  chunk,
  CHUNKED_HEAD,
  plainAnswer,
  type FaultStep,
  type ReceivedRequest,
} from '../testing/fault-server.ts';
import type { RecordedCall } from '../testing/recorder.ts';
import { startHarness, turns, write } from '../testing/transport-harness.ts';

/** How the server treats a request; each answer carries the request's own body back. */
const BEHAVIOURS: { readonly [name: string]: (body: string) => readonly FaultStep[] } = {
  plain: (body) => [write(plainAnswer(body))],
  chunked: (body) => [write(CHUNKED_HEAD + chunk(body) + chunk(''))],
  slow: (body) => [write(CHUNKED_HEAD), { type: 'dribble', bytes: chunk(body) + chunk('') }],
  closing: (body) => [write(plainAnswer(body, ['connection: close'])), { type: 'end' }],
  unannounced: (body) => [write(plainAnswer(body)), { type: 'end' }],
  surplus: (body) => [write(`${plainAnswer(body)}HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nevil!`)],
  reset: () => [{ type: 'reset' }],
  closed: () => [{ type: 'end' }],
  cut: (body) => [write(CHUNKED_HEAD + chunk(body)), { type: 'end' }],
  garbage: () => [write('HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n')],
};

const SOUND = new Set(['plain', 'chunked', 'slow', 'closing', 'unannounced', 'surplus']);

const STEP = fc.record({
  behaviour: fc.constantFrom(...Object.keys(BEHAVIOURS), 'plain', 'plain', 'chunked'),
  abort: fc.constantFrom('never', 'never', 'never', 'at once', 'later'),
  pauseTurns: fc.constantFrom(0, 0, 0, 1, 5),
  turnsBefore: fc.integer({ min: 0, max: 3 }),
});

/** Two connections that the server closes unannounced while others wait: the second try must not meet the other one. */
const STALE_TWICE = ['unannounced', 'unannounced', 'plain', 'plain', 'plain'].map((behaviour, index) => ({
  behaviour,
  abort: index === 4 ? 'later' : 'never',
  pauseTurns: 0,
  turnsBefore: 0,
}));

describe('any mixture of calls, faults, pauses and aborts', () => {
  it('gives each call its own answer or failure, once, and leaves nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { minLength: 1, maxLength: 30 }), async (steps) => {
        const script = (request: ReceivedRequest): readonly FaultStep[] =>
          BEHAVIOURS[request.path.slice(1)]!(request.body);
        const { server, send, transport } = await startHarness(script, { connectionsPerOriginMax: 3 });
        const calls: RecordedCall[] = [];
        for (const [index, step] of steps.entries()) {
          await turns(step.turnsBefore);
          const body = brandText<Bytes>(`request ${index} `.repeat(index + 1));
          const recorded = send({ body }, `/${step.behaviour}`);
          calls.push(recorded);
          if (step.pauseTurns > 0) {
            void recorded.head.then(async () => {
              recorded.call.pause();
              await turns(step.pauseTurns);
              recorded.call.resume();
            });
          }
          if (step.abort === 'at once') recorded.call.abort();
          if (step.abort === 'later') setImmediate(() => recorded.call.abort());
        }
        const results = await Promise.all(
          calls.map(async ({ done, exchange }, index) => {
            const { abort, behaviour } = steps[index]!;
            if (abort === 'never') await done;
            if (exchange.end === undefined) return 'aborted';
            if (exchange.end !== 'end') return SOUND.has(behaviour) ? exchange.end.type : 'failed';
            return exchange.body === `request ${index} `.repeat(index + 1)
              ? 'own answer'
              : `wrong: ${exchange.body}`;
          }),
        );
        for (const [index, { abort, behaviour }] of steps.entries()) {
          const allowed = [SOUND.has(behaviour) ? 'own answer' : 'failed'];
          if (abort !== 'never') allowed.push('aborted');
          expect(allowed).toContain(results[index]);
        }
        await transport.close();
        expect(transport.counts()).toEqual({ open: 0, idle: 0, waiting: 0 });
        await server.allClosed();
        // Nothing is sent more than twice, and only what was not answered.
        for (const index of steps.keys()) {
          const times = server.requests.filter(
            ({ body }) => body === `request ${index} `.repeat(index + 1),
          ).length;
          expect(times).toBeLessThanOrEqual(2);
        }
      }),
      { numRuns: 60, seed: 20261121, examples: Array.from({ length: 10 }, () => [STALE_TWICE]) },
    );
  });
});
