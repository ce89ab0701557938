import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { faultNamed } from '../../src/simulator/faults/names.ts';
import type { RequestFinished } from '../../src/spec/event.ts';
import { answerText } from './answer-text.ts';
import { createWorld, type Sent, type World } from './world.ts';

async function worldOf(failover: JsonObject = {}): Promise<World> {
  return createWorld({
    seed: 5,
    config: {
      failover: { spare_share: 0, ...failover },
      providers: {
        one: { kind: 'simulated', simulate: { like: 'openai' } },
        two: { kind: 'simulated', simulate: { like: 'anthropic' } },
      },
      models: { m: { targets: ['one/gpt-4.1', 'two/claude-sonnet-4-5'] } },
    },
  });
}

function spoil(made: World, provider: string, name: string): void {
  const kind = faultNamed(name);
  made.composed.simulator.setFault(provider, kind === null ? null : { kind });
}

function ask(made: World, special: JsonObject = {}): Sent {
  const messages = [{ role: 'user', content: 'Count to 20, please.' }];
  return made.send({ surface: 'chat', body: { model: 'm', stream: true, messages, ...special } });
}

async function finished(made: World, sent: Sent): Promise<RequestFinished> {
  expect(await made.virtual.clock.runUntil(sent.done, 600_000)).toBe(true);
  const found = made.events.findLast((event) => event.type === 'request-finished');
  if (found?.type !== 'request-finished') throw new Error('the request never finished');
  return found;
}

describe('a client that has to wait', () => {
  it('hears a comment now and then, and then its answer', async () => {
    const made = await worldOf();
    spoil(made, 'one', 'slow:50000');
    const sent = ask(made);
    await made.virtual.clock.advance(14_000);
    expect(sent.sink.begun).toBe(0);
    await made.virtual.clock.advance(2_000);
    expect(sent.sink).toMatchObject({ status: 200, body: ': waiting\n\n' });
    const event = await finished(made, sent);
    expect(event).toMatchObject({ status: 200, error: null, target: 'one/gpt-4.1' });
    expect(sent.sink.body.split(': waiting\n\n').length - 1).toBe(3);
    expect(answerText(sent)).toContain('20');
    expect(sent.sink).toMatchObject({ begun: 1, ending: 'whole' });
    expect(made.virtual.clock.timers).toBe(0);
  });

  it('hears of a failure inside the stream once that was opened for it', async () => {
    const made = await worldOf({ client_keep_alive_ms: 1_000 });
    spoil(made, 'one', 'hang');
    spoil(made, 'two', 'hang');
    const sent = ask(made);
    await finished(made, sent);
    expect(sent.sink).toMatchObject({ status: 200, ending: 'cut', begun: 1 });
    expect(sent.sink.body).toMatch(/^(: waiting\n\n)+data: \{"error":\{.*\}\n\n$/s);
  });

  it('hears nothing early where its answer is not streamed', async () => {
    const made = await worldOf({ client_keep_alive_ms: 1_000 });
    spoil(made, 'one', 'slow:20000');
    const sent = ask(made, { stream: false });
    await made.virtual.clock.advance(10_000);
    expect(sent.sink.begun).toBe(0);
    expect(await finished(made, sent)).toMatchObject({ status: 200 });
  });
});

describe('an answer that says nothing', () => {
  for (const stream of [true, false]) {
    it(`is asked for elsewhere, ${stream ? 'streamed' : 'whole'}`, async () => {
      const made = await worldOf();
      spoil(made, 'one', 'empty');
      const sent = ask(made, { stream });
      const event = await finished(made, sent);
      expect(event).toMatchObject({ status: 200, target: 'two/claude-sonnet-4-5' });
      expect(event.attempts[0]?.outcome).toMatchObject({ kind: 'upstream_empty' });
      expect(answerText(sent)).toContain('20');
    });

    it(`is believed where nobody has more to say, ${stream ? 'streamed' : 'whole'}`, async () => {
      const made = await worldOf();
      spoil(made, 'one', 'empty');
      spoil(made, 'two', 'empty');
      const sent = ask(made, { stream });
      const event = await finished(made, sent);
      expect(event).toMatchObject({ status: 200, error: null });
      expect(sent.sink).toMatchObject({ status: 200, ending: 'whole', begun: 1 });
      expect(answerText(sent)).toBe('');
    });

    it(`is believed at once behind the result of a tool, ${stream ? 'streamed' : 'whole'}`, async () => {
      const made = await worldOf();
      spoil(made, 'one', 'empty');
      const call = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } };
      const messages = [
        { role: 'user', content: 'Do it.' },
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'call_1', content: 'done' },
      ];
      const tools = [
        { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } },
      ];
      const event = await finished(made, ask(made, { stream, messages, tools }));
      expect(event).toMatchObject({ status: 200, target: 'one/gpt-4.1', attempts: [{ number: 1 }] });
    });
  }
});
