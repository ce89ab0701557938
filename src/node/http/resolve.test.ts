import { describe, expect, it } from 'vitest';
import { classifyHost } from '../../base/address.ts';
import { systemResolve } from './resolve.ts';
import { record, testRequest } from '../testing/recorder.ts';
import { OK, startHarness } from '../testing/transport-harness.ts';

describe('the system resolver', () => {
  it('knows this machine by its name', async () => {
    const addresses = await new Promise<readonly string[]>((resolve, reject) => {
      systemResolve('localhost', (error, found) => {
        if (error === null) resolve(found);
        else reject(error);
      });
    });
    expect(addresses.length).toBeGreaterThan(0);
    for (const address of addresses) expect(classifyHost(address)).toBe('loopback');
  });
});

describe('the address guard', () => {
  it.each([
    'http://127.0.0.1/',
    'http://localhost/',
    'http://localhost./',
    'http://[::1]/',
    'http://[::ffff:7f00:1]/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://10.0.0.1/',
    'http://100.64.0.1/',
    'http://user@example.com/',
    'http://good@169.254.169.254/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'unix:/run/x.sock',
    'not a url',
  ])('refuses %s without permission', async (url) => {
    const { transport } = await startHarness([OK]);
    const { end } = await record(transport, testRequest(url, { allowPrivate: false })).done;
    expect(end).toMatchObject({ type: 'blocked-address', sent: false });
  });

  it.each([
    'http://169.254.169.254/',
    'http://[fd00:ec2::254]/',
    'http://metadata.google.internal/',
    'http://0.0.0.0/',
  ])('refuses %s even with permission', async (url) => {
    const { transport } = await startHarness([OK]);
    expect((await record(transport, testRequest(url)).done).end).toMatchObject({ type: 'blocked-address' });
  });

  it('connects to the address that was checked, whatever the name says later', async () => {
    const { server } = await startHarness([OK]);
    const asked: string[] = [];
    const { transport } = await startHarness([OK], {
      resolve: (name, callback) => {
        asked.push(name);
        callback(null, ['169.254.169.254', '127.0.0.1']);
      },
    });
    const url = `http://rebind.example:${server.port}/`;
    expect(await record(transport, testRequest(url)).done).toMatchObject({ body: 'ok', end: 'end' });
    expect(await record(transport, testRequest(url)).done).toMatchObject({ body: 'ok', end: 'end' });
    expect(asked).toEqual(['rebind.example']);
    expect(server.requests[0]?.headers).toContainEqual(['host', `rebind.example:${server.port}`]);
  });

  it('lets the next address be tried when the first does not answer', async () => {
    const { server } = await startHarness([OK]);
    const { transport } = await startHarness([OK], {
      // The whole of 127/8 is this machine, but the server listens at one address.
      resolve: (_name, callback) => callback(null, ['127.0.0.2', '127.0.0.1']),
    });
    const url = `http://two.example:${server.port}/`;
    expect(await record(transport, testRequest(url)).done).toMatchObject({ body: 'ok', end: 'end' });
  });

  it.each<[string, Error | null, readonly string[], string]>([
    ['private addresses only', null, ['127.0.0.1', '10.0.0.1', '::1'], 'blocked-address'],
    ['nothing', null, [], 'dns'],
    ['an error', new Error('ENOTFOUND'), [], 'dns'],
    ['something that is no address', null, ['evil.example'], 'blocked-address'],
  ])('tells a name that resolves to %s as it is', async (_name, error, addresses, type) => {
    const { transport } = await startHarness([OK], {
      resolve: (_host, callback) => callback(error, addresses),
    });
    const { end } = await record(transport, testRequest('http://name.example/', { allowPrivate: false }))
      .done;
    expect(end).toMatchObject({ type, sent: false });
  });
});
