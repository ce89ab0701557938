import { describe, expect, it } from 'vitest';
import { faultNamed } from '../../src/simulator/faults/names.ts';
import type { RequestFinished } from '../../src/spec/event.ts';
import { answerText } from './answer-text.ts';
import { createWorld, type Sent, type SentRequest, type World } from './world.ts';

const LIKES = { chat: 'openai', messages: 'anthropic', content: 'gemini' } as const;
type Wire = keyof typeof LIKES;
const MODELS: { readonly [wire in Wire]: string } = {
  chat: 'gpt-4.1',
  messages: 'claude-sonnet-4-5',
  content: 'gemini-2.5-flash',
};
const WIRES = ['chat', 'messages', 'content'] as const;
const BREAKS = ['cut', 'reset-mid', 'error-mid', 'hang-mid'] as const;

async function worldOf(first: Wire, second: Wire): Promise<World> {
  return createWorld({
    seed: 11,
    config: {
      timeouts: { first_byte_ms: 3_000, first_token_ms: 4_000, idle_ms: 2_000, total_ms: 60_000 },
      providers: {
        first: { kind: 'simulated', simulate: { like: LIKES[first] } },
        second: { kind: 'simulated', simulate: { like: LIKES[second] } },
      },
      models: { m: { targets: [`first/${MODELS[first]}`, `second/${MODELS[second]}`] } },
    },
  });
}

function request(surface: 'chat' | 'messages', prompt = 'Explain tides in some detail.'): SentRequest {
  return {
    surface,
    body: { model: 'm', stream: true, max_tokens: 1_000, messages: [{ role: 'user', content: prompt }] },
  };
}

async function played(
  made: World,
  asked: SentRequest,
): Promise<{ readonly sent: Sent; readonly finished: RequestFinished }> {
  const sent = made.send(asked);
  expect(await made.virtual.clock.runUntil(sent.done, 600_000)).toBe(true);
  const finished = made.events.find((event) => event.type === 'request-finished');
  if (finished?.type !== 'request-finished') throw new Error('the request never finished');
  return { sent, finished };
}

async function referenceText(asked: SentRequest, wire: Wire): Promise<string> {
  const { sent } = await played(await worldOf(wire, wire), asked);
  return answerText(sent);
}

describe('an answer whose provider dies in the middle', () => {
  for (const surface of ['chat', 'messages'] as const) {
    for (const first of WIRES) {
      for (const second of WIRES) {
        it(`goes on without a word lost or doubled: ${surface} client, ${first} to ${second}`, async () => {
          const asked = request(surface);
          const whole = await referenceText(asked, second);
          for (const kind of BREAKS) {
            for (const events of [3, 7, 20, 41]) {
              const made = await worldOf(first, second);
              const fault = faultNamed(`${kind}:${events}`);
              made.composed.simulator.setFault('first', fault === null ? null : { kind: fault });
              const { sent, finished } = await played(made, asked);
              const seen = `${kind}:${events} ${finished.attempts.map(({ resume, outcome }) => `${resume} ${JSON.stringify(outcome)}`).join('; ')}`;
              expect(answerText(sent), seen).toBe(whole);
              expect(sent.sink, seen).toMatchObject({ status: 200, ending: 'whole', begun: 1 });
              expect(finished.error, seen).toBeNull();
            }
          }
        });
      }
    }
  }
});
