import { expect, it } from 'vitest';
import { EMPTY_BYTES } from '../../base/bytes.ts';
import { RecordingSink } from '../../testing/recording-sink.ts';
import type { AdminRequest } from './admin.ts';
import { serveAdmin } from './serve-admin.ts';

it('hands a request of the server to the admin API and its answer back', async () => {
  const seen: AdminRequest[] = [];
  const sink = new RecordingSink();
  await serveAdmin(
    async (request) => {
      seen.push(request);
      return { status: 201, headers: [['cache-control', 'no-store']], body: '{"name":"ä"}' };
    },
    {
      method: 'HEAD',
      path: '/admin/v1/keys',
      query: 'a=1',
      header: () => undefined,
      headers: { 'x-api-key': 'k', 'set-cookie': ['a', 'b'] },
      body: EMPTY_BYTES,
      address: '192.0.2.1',
      sink,
    },
  );
  expect(seen).toEqual([
    {
      method: 'GET',
      path: '/admin/v1/keys',
      query: 'a=1',
      headers: [
        ['x-api-key', 'k'],
        ['set-cookie', 'a'],
        ['set-cookie', 'b'],
      ],
      body: '',
      address: '192.0.2.1',
    },
  ]);
  expect([sink.status, sink.headers.get('cache-control'), sink.body]).toEqual([
    201,
    'no-store',
    '{"name":"Ã¤"}',
  ]);
});
