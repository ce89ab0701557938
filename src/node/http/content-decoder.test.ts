import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { plainAnswer, type FaultStep } from '../testing/fault-server.ts';
import { startHarness, turns, write } from '../testing/transport-harness.ts';

describe('a content coding', () => {
  const text = 'data: {"a":"é"}\n\n'.repeat(500);
  const bytes = Buffer.from(text).toString('latin1');

  it.each<[string, (data: Buffer) => Buffer]>([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ])('of %s is taken off, though it was not asked for', async (coding, compress) => {
    const body = compress(Buffer.from(text)).toString('latin1');
    const { send, server } = await startHarness([
      write(plainAnswer(body, [`Content-Encoding: ${coding}`, 'x-a: b'])),
    ]);
    expect(await send().done).toMatchObject({ headers: [['x-a', 'b']], body: bytes, end: 'end' });
    expect(server.requests[0]?.headers).toContainEqual(['accept-encoding', 'identity']);
  });

  it('is refused when it is unknown, broken, or makes the answer too large', async () => {
    const bomb = gzipSync(Buffer.alloc(1_000_000)).toString('latin1');
    const answers: Record<string, FaultStep[]> = {
      '/unknown': [write(plainAnswer('x', ['content-encoding: compress']))],
      '/twice': [write(plainAnswer('x', ['content-encoding: gzip, br']))],
      '/broken': [write(plainAnswer('not gzip at all', ['content-encoding: gzip']))],
      '/cut': [write(plainAnswer(bomb.slice(0, 100), ['content-encoding: gzip']))],
      '/bomb': [write(plainAnswer(bomb, ['content-encoding: gzip']))],
    };
    const { send } = await startHarness(({ path }) => answers[path] ?? [], { decompressedBytesMax: 100_000 });
    const types = await Promise.all(
      Object.keys(answers).map(async (path) => {
        const { end } = await send({}, path).done;
        return typeof end === 'string' ? end : end.type;
      }),
    );
    expect(types).toEqual(['malformed', 'malformed', 'malformed', 'malformed', 'too-large']);
  });

  it('does not leave the connection paused for the next call', async () => {
    // Incompressible, so that the last read fills the queue of the decompressor.
    let state = 1;
    const noise = Buffer.from(
      Array.from({ length: 120_000 }, () => (state = (state * 48_271) % 2_147_483_647) & 255),
    );
    const body = gzipSync(noise).toString('latin1');
    const { send, server } = await startHarness([write(plainAnswer(body, ['content-encoding: gzip']))]);
    for (let turn = 0; turn < 3; turn += 1) expect((await send().done).body).toBe(noise.toString('latin1'));
    expect(server.connections.accepted).toBe(1);
  });

  it('respects back-pressure and abort', async () => {
    const body = gzipSync(Buffer.alloc(10_000_000, 'abc')).toString('latin1');
    const { send, server } = await startHarness([write(plainAnswer(body, ['content-encoding: gzip']))]);
    const { call, head, exchange, done } = send();
    await head;
    call.pause();
    await turns();
    expect(exchange.body.length).toBeLessThan(1_000_000);
    call.resume();
    expect((await done).body.length).toBe(10_000_000);
    const other = send();
    await other.head;
    other.call.abort();
    await turns();
    expect(other.exchange.end).toBeUndefined();
    expect(server.requests).toHaveLength(2);
  });
});
