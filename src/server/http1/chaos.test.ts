import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brandText } from '../../base/brand.ts';
import type { Bytes } from '../../base/bytes.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import type { ServerRequest } from '../request.ts';
import { Http1Server } from './server.ts';
import { memoryClient, settled } from './testing/memory-socket.ts';

type Action =
  | { readonly type: 'send'; readonly bytes: number }
  | { readonly type: 'answer'; readonly how: 'whole' | 'stream'; readonly sizeBytes: number }
  | { readonly type: 'read'; readonly what: 'nothing' | 'everything' }
  | { readonly type: 'settle' };

const ACTION: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('send' as const), bytes: fc.nat({ max: 20_000 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('answer' as const),
      how: fc.constantFrom('whole' as const, 'stream' as const),
      sizeBytes: fc.constantFrom(0, 1, 100, 20_000, 100_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('read' as const),
      what: fc.constantFrom('nothing' as const, 'everything' as const),
    }),
  },
  { weight: 4, arbitrary: fc.constant<Action>({ type: 'settle' }) },
);

/** Requests with numbers for paths, of different shapes and sizes. */
function requests(count: number): string {
  return Array.from({ length: count }, (_each, index) => {
    const body = 'b'.repeat((index * 7_919) % 9_000);
    if (index % 3 === 0) return `GET /${index} HTTP/1.1\r\nhost: x\r\n\r\n`;
    const head = `POST /${index} HTTP/1.1\r\nhost: x\r\n`;
    if (index % 3 === 1) return `${head}content-length: ${body.length}\r\n\r\n${body}`;
    return `${head}transfer-encoding: chunked\r\n\r\n${(body.length + 1).toString(16)}\r\n${body}b\r\n0\r\n\r\n`;
  }).join('');
}

/** A connection whose client and handlers act in any order. */
class Scene {
  readonly client = memoryClient();
  readonly asked: ServerRequest[] = [];
  left = 0;
  #answered = 0;

  constructor() {
    const limits = { bodyBytesMax: 100_000, headTimeoutMs: 1e6, bodyTimeoutMs: 1e6, keepAliveMs: 1e6 };
    const route = (request: ServerRequest): void => {
      this.asked.push(request);
      request.sink.onClose(() => {
        this.left += 1;
      });
    };
    const server = new Http1Server({ limits, clock: new VirtualClock(), router: { route, refuse: route } });
    server.accept(this.client.socket);
  }

  /** Does one thing after the other; what is left of the bytes comes back. */
  async act(actions: readonly Action[], bytes: string): Promise<string> {
    let rest = bytes;
    for (const action of actions) {
      if (action.type === 'send') {
        this.client.send(rest.slice(0, action.bytes));
        rest = rest.slice(action.bytes);
      } else if (action.type === 'answer') this.answer(action.how, action.sizeBytes);
      else if (action.type === 'read') this.client.read(action.what);
      else await settled();
    }
    return rest;
  }

  /** Answers the oldest request that has no answer; false where there is none. */
  answer(how: 'whole' | 'stream', sizeBytes: number): boolean {
    const request = this.asked[this.#answered];
    if (request === undefined) return false;
    this.#answered += 1;
    const { path, sink } = request;
    const text = brandText<Bytes>(`<${path}>${'a'.repeat(sizeBytes)}`);
    if (how === 'whole') sink.answer(200, [], text);
    else {
      sink.open([]);
      sink.write(text);
      sink.end([]);
    }
    return true;
  }
}

describe('a connection whose client and handlers act in any order', () => {
  it('gives each request its answer, once, in order, and reads each as it was sent', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.array(ACTION, { maxLength: 80 }),
        async (count, actions) => {
          const scene = new Scene();
          const rest = await scene.act(actions, requests(count));
          scene.client.read('everything');
          scene.client.send(rest);
          for (let quiet = 0; quiet < 3; quiet += 1) {
            await settled();
            while (scene.answer('whole', 1)) quiet = 0;
          }
          const paths = Array.from({ length: count }, (_each, index) => `/${index}`);
          expect(scene.asked.map(({ path }) => path)).toEqual(paths);
          expect([...scene.client.text().matchAll(/<(.*?)>/g)].map((match) => match[1])).toEqual(paths);
          expect(scene.asked.every(({ body }, index) => body.length === sentLength(index))).toBe(true);
          expect([scene.client.end(), scene.left]).toEqual(['open', 0]);
        },
      ),
      { numRuns: 300, seed: 20261121 },
    );
  });

  it('tells at most the one request under way that its client left, and serves none after it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.array(ACTION, { maxLength: 40 }),
        async (count, actions) => {
          const scene = new Scene();
          await scene.act(actions, requests(count));
          await settled();
          const before = scene.asked.length;
          scene.client.socket.destroy();
          await settled();
          while (scene.answer('stream', 1));
          await settled();
          expect(scene.left).toBeLessThanOrEqual(1);
          expect(scene.asked).toHaveLength(before);
        },
      ),
      { numRuns: 200, seed: 20261121 },
    );
  });
});

function sentLength(index: number): number {
  const length = (index * 7_919) % 9_000;
  return index % 3 === 0 ? 0 : index % 3 === 1 ? length : length + 1;
}
