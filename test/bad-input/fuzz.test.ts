import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeGateway, type ComposedGateway } from '../../src/compose/compose-gateway.ts';
import { loadConfig } from '../../src/compose/load-config.ts';
import { INSTANT_PACE } from '../../src/simulator/settings.ts';
import { inferenceRouter } from '../../src/server/routes.ts';
import type { Router } from '../../src/server/router.ts';
import { RecordingSink, virtualRuntime, type VirtualRuntime } from '../../src/testing.ts';
import { badCase, type BadCase } from './cases.ts';

const CASES = Number(process.env['FUZZ_CASES'] ?? 100_000);
/** Stands where a provider key would; nothing that a client or the log sees may contain it. */
const CANARY = 'sk-canary-0123456789abcdefghijklmnopqrstuvwxyz';

const simulated = (like: string): object => ({
  kind: 'simulated',
  key: 'env:CANARY',
  simulate: { like, first_token_ms: INSTANT_PACE.firstTokenMs, tokens_per_second: 100_000 },
});
const CONFIG = {
  timeouts: {
    first_byte_ms: 1_000,
    first_token_ms: 1_000,
    idle_ms: 1_000,
    answer_ms: 1_000,
    total_ms: 5_000,
  },
  providers: { a: simulated('openai'), b: simulated('anthropic'), c: simulated('gemini') },
  models: {
    m: { targets: ['a/gpt-4.1'] },
    n: { targets: ['b/claude-sonnet-4-5'] },
    o: { targets: ['c/gemini-2.5-flash'] },
    e: { targets: ['a/text-embedding-3-small'] },
  },
} as const;

const CALLER = {
  keyId: 'key',
  name: 'fuzz',
  role: 'inference',
  models: null,
  directTargets: true,
  tags: [],
} as const;

describe('whatever is sent', () => {
  let composed: ComposedGateway;
  let router: Router;
  let virtual: VirtualRuntime;

  beforeAll(async () => {
    virtual = virtualRuntime({ secrets: { 'env:CANARY': CANARY } });
    const value = JSON.parse(JSON.stringify(CONFIG));
    const { config } = loadConfig({ type: 'value', value }, virtual.runtime.secrets);
    const keys = { identify: () => ({ type: 'caller', caller: CALLER }) as const };
    composed = await composeGateway({ config, runtime: virtual.runtime, keys });
    router = inferenceRouter(composed.gateway, composed.runtime);
  });

  afterAll(() => {
    process.stdout.write(
      `fuzz: ${CASES} bad requests, statuses ${JSON.stringify(Object.fromEntries(seen))}\n`,
    );
  });

  const seen = new Map<number, number>();

  async function answered({ path, method, headers, body }: BadCase): Promise<RecordingSink> {
    const sink = new RecordingSink();
    router.route({
      method,
      path,
      query: '',
      header: (name) => (Object.hasOwn(headers, name) ? headers[name] : undefined),
      headers,
      body,
      address: '127.0.0.1',
      sink,
    });
    await virtual.clock.runUntil(() => sink.ending !== 'open', 60_000);
    return sink;
  }

  it(
    `is answered once, in the client's own envelope, without a fault of ours or a secret: ${CASES} cases`,
    { timeout: 600_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(badCase, async (each) => {
          const sink = await answered(each);
          seen.set(sink.status ?? 0, (seen.get(sink.status ?? 0) ?? 0) + 1);
          expect(sink).toMatchObject({ begun: 1, spokeAfterEnd: false });
          expect(
            sink.status === 200 || (sink.status !== null && sink.status >= 400 && sink.status < 500),
          ).toBe(true);
          expect(sink.body.includes(CANARY)).toBe(false);
          if (sink.status !== 200) expectEnvelope(each.path, sink);
        }),
        { numRuns: CASES, seed: 20_261_121 },
      );
      expect(virtual.lines.filter(({ level }) => level === 'error')).toEqual([]);
      expect(JSON.stringify(virtual.lines)).not.toContain(CANARY);
      expect(Object.prototype).not.toHaveProperty('x');
      expect(virtual.clock.timers).toBe(0);
    },
  );
});

function expectEnvelope(path: string, sink: RecordingSink): void {
  const body: unknown = JSON.parse(sink.body);
  const anthropic = path.startsWith('/v1/messages');
  const error = { message: expect.stringMatching(/\S/), type: expect.any(String) };
  const chat = { error };
  const messages = { type: 'error', error, request_id: expect.any(String) };
  expect(body).toMatchObject(anthropic ? messages : chat);
  expect(sink.body).not.toMatch(/\bat .*\.ts:\d+|node_modules|TypeError|<html/i);
}
