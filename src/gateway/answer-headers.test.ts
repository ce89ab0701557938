import { describe, expect, it } from 'vitest';
import { failedAttempt } from '../routing/testing/targets.ts';
import { admit } from './admit.ts';
import { answerHeaders, costTrailer, routeWords, type AnswerSource } from './answer-headers.ts';
import { testRun } from './testing/run.ts';

const NOWHERE: AnswerSource = {
  target: null,
  upstreamRequestId: null,
  attempts: 0,
  warnings: [],
  costNanodollars: null,
};
const SIMULATED = { providers: { chat: { kind: 'simulated', simulate: { like: 'openai' } } } };

async function headersOf(
  source: Partial<AnswerSource>,
  config?: typeof SIMULATED,
): Promise<Record<string, string>> {
  const run = await testRun(config === undefined ? {} : { config });
  run.admitted = admit(run);
  const flat = answerHeaders(run, { ...NOWHERE, ...source });
  expect(flat.length % 2).toBe(0);
  return Object.fromEntries(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? '']] : [])));
}

describe('the headers of an answer', () => {
  it.each<[string, Partial<AnswerSource>, Record<string, string>]>([
    ['how many attempts there were', { attempts: 3 }, { 'x-bellwether-attempts': '3' }],
    [
      'who answered, of a model with slashes in its name',
      { target: 'chat/meta/llama-3' },
      { 'x-bellwether-provider': 'chat', 'x-bellwether-model': 'meta/llama-3' },
    ],
    ['what it cost', { costNanodollars: 1_234_000n }, { 'x-bellwether-cost-usd': '0.001234' }],
    [
      "the provider's own id, made fit for a header",
      { upstreamRequestId: 'idé\n' },
      { 'x-bellwether-upstream-request-id': 'id??' },
    ],
    [
      'what the target could not express',
      {
        warnings: [
          { code: 'dropped', field: 'seed', message: 'no' },
          { code: 'clamped', field: 'tempé', message: 'no' },
        ],
      },
      { 'x-bellwether-warnings': 'dropped:seed, clamped:temp?' },
    ],
    ['why it went there', {}, { 'x-bellwether-route': 'addressed directly' }],
  ])('tell %s', async (_name, source, expected) => {
    expect(await headersOf(source)).toMatchObject(expected);
  });

  it('leave out what is not known', async () => {
    const names = Object.keys(await headersOf({}));
    expect(names.toSorted()).toEqual([
      'x-bellwether-attempts',
      'x-bellwether-request-id',
      'x-bellwether-route',
      'x-request-id',
    ]);
  });

  it('say so where the answer is made up', async () => {
    expect(await headersOf({ target: 'chat/m' })).not.toHaveProperty('x-bellwether-simulated');
    expect(await headersOf({ target: 'chat/m' }, SIMULATED)).toMatchObject({
      'x-bellwether-simulated': 'true',
    });
  });

  it('stay short, however many warnings there are', async () => {
    const warnings = Array.from(
      { length: 500 },
      () => ({ code: 'dropped', field: 'a field', message: '' }) as const,
    );
    expect((await headersOf({ warnings }))['x-bellwether-warnings']?.length).toBe(1000);
  });
});

describe('why a request went where it went', () => {
  it('names what failed before', async () => {
    const run = await testRun();
    expect(routeWords(run, 0)).toBe('not planned');
    run.admitted = admit(run);
    run.attempts.push(failedAttempt('chat/m', 'upstream_overloaded'));
    expect(routeWords(run, 2)).toBe('addressed directly; chat/m failed (upstream_overloaded)');
  });
});

it.each([
  [0n, '0'],
  [1n, '0.000000001'],
  [12_000_000_000n, '12'],
])('a cost of %i nanodollars reads %s dollars', (cost, text) => {
  expect(Number(costTrailer(cost)[1])).toBe(Number(text));
});
