import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A provider that takes a request and does not finish its answer, to see when its caller leaves. */
export interface SilentProvider {
  readonly url: string;
  /** The request that comes next: resolves once it is there. */
  next(): Promise<TakenRequest>;
  close(): Promise<void>;
}

export interface TakenRequest {
  /** Begins an event stream with these events, and says no more. */
  begin(events: readonly string[]): void;
  /** Refuses with this status. */
  refuse(status: number, headers: { readonly [name: string]: string }): void;
  /** Breaks the connection off. */
  breakOff(): void;
  /** Resolves with the time at which the connection closed. */
  readonly closedAtMs: Promise<number>;
}

/** Starts it on a free port. */
export async function startSilentProvider(): Promise<SilentProvider> {
  const taken: ((request: TakenRequest) => void)[] = [];
  const server = createServer((request, response) => {
    request.resume().on('end', () => taken.shift()?.(takenRequest(response)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    next: () => new Promise((resolve) => void taken.push(resolve)),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function takenRequest(response: ServerResponse): TakenRequest {
  return {
    begin: (events) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const event of events) response.write(`data: ${event}\n\n`);
    },
    refuse: (status, headers) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify({ error: { message: 'Not now.', type: 'refused', code: null } }));
    },
    breakOff: () => void response.destroy(),
    closedAtMs: once(response, 'close').then(() => performance.now()),
  };
}
