import { createServer, type Server, type TlsOptions } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createClock } from '../clock.ts';
import { plainAnswer } from '../testing/fault-server.ts';
import { record, testRequest } from '../testing/recorder.ts';
import { TEST_CA, TEST_CERTIFICATE, TEST_KEY } from '../testing/tls-fixture.ts';
import { SILENT_LOG } from '../testing/transport-harness.ts';
import { createTransport, type NodeTransport, type TransportOptions } from '../transport.ts';

interface TlsHarness {
  readonly port: number;
  readonly transport: NodeTransport;
  /** What the server saw of each connection. */
  readonly seen: { readonly servername: unknown; readonly alpn: unknown; readonly resumed: boolean }[];
}

/** A TLS server that answers `ok`, and a transport that trusts the tests' authority unless told otherwise. */
async function startTls(
  server: TlsOptions,
  client: TransportOptions,
  headers: string[] = [],
): Promise<TlsHarness> {
  const seen: TlsHarness['seen'] = [];
  const options = { cert: TEST_CERTIFICATE, key: TEST_KEY, ALPNProtocols: ['http/1.1'], ...server };
  const tls: Server = createServer(options, (socket) => {
    seen.push({
      servername: socket.servername,
      alpn: socket.alpnProtocol,
      resumed: socket.isSessionReused(),
    });
    socket.on('error', () => undefined);
    socket.on('data', () => socket.write(plainAnswer('ok', headers)));
  });
  tls.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => {
    tls.listen(0, '127.0.0.1', resolve);
  });
  const resolve: NonNullable<TransportOptions['resolve']> = (_name, callback) =>
    callback(null, ['127.0.0.1']);
  const transport = createTransport(
    { clock: createClock(), log: SILENT_LOG },
    { resolve, ca: TEST_CA, ...client },
  );
  onTestFinished(async () => {
    await transport.close();
    await new Promise((closed) => {
      tls.close(closed);
    });
  });
  return { port: (tls.address() as AddressInfo).port, transport, seen };
}

describe('a TLS connection', () => {
  it.each(['provider.example', 'localhost', '127.0.0.1'])(
    'to %s is made when its certificate holds',
    async (host) => {
      const { port, transport, seen } = await startTls({}, {});
      const url = `https://${host}:${port}/`;
      expect(await record(transport, testRequest(url)).done).toMatchObject({
        status: 200,
        body: 'ok',
        end: 'end',
      });
      expect(await record(transport, testRequest(url)).done).toMatchObject({
        status: 200,
        body: 'ok',
        end: 'end',
      });
      expect(seen).toEqual([
        { servername: host === '127.0.0.1' ? false : host, alpn: 'http/1.1', resumed: false },
      ]);
    },
  );

  it('is made to the next address when the first does not answer', async () => {
    const { port, transport } = await startTls(
      {},
      {
        resolve: (_name, callback) => callback(null, ['127.0.0.2', '127.0.0.1']),
      },
    );
    const { done } = record(transport, testRequest(`https://provider.example:${port}/`));
    expect(await done).toMatchObject({ body: 'ok', end: 'end' });
  });

  it('takes up the session of an earlier one', async () => {
    const { port, transport, seen } = await startTls({}, {}, ['connection: close']);
    const url = `https://provider.example:${port}/`;
    for (let turn = 0; turn < 3; turn += 1) {
      expect(await record(transport, testRequest(url)).done).toMatchObject({ body: 'ok', end: 'end' });
    }
    expect(seen.map(({ resumed }) => resumed)).toContain(true);
  });

  it.each<[why: string, host: string, server: TlsOptions, client: TransportOptions]>([
    ['for another name', 'other.example', {}, {}],
    ['of an unknown authority', 'provider.example', {}, { ca: TEST_CERTIFICATE }],
    ['over an outdated protocol', 'provider.example', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }, {}],
    ['for another application protocol', 'provider.example', { ALPNProtocols: ['h2'] }, {}],
  ])(
    'is refused with a certificate or handshake %s, and nothing is sent',
    async (_why, host, server, client) => {
      const { port, transport } = await startTls(server, client);
      const { end } = await record(transport, testRequest(`https://${host}:${port}/`)).done;
      expect(end).toMatchObject({ type: 'tls', sent: false });
    },
  );

  it('to a port that speaks no TLS fails as such', async () => {
    const { transport } = await startTls({}, {});
    const { createServer: createTcp } = await import('node:net');
    const plain = createTcp((socket) => {
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    await new Promise<void>((resolve) => {
      plain.listen(0, '127.0.0.1', resolve);
    });
    onTestFinished(() => void plain.close());
    const { port } = plain.address() as AddressInfo;
    const { end } = await record(transport, testRequest(`https://provider.example:${port}/`)).done;
    expect(end).toMatchObject({ type: 'tls', sent: false });
  });
});
