import { createServer, type AddressInfo, type Socket } from 'node:net';

/** One thing a broken server does. Bytes are latin1 text. */
export type FaultStep =
  | { readonly type: 'write'; readonly bytes: string }
  /** Byte by byte, each in a turn of the event loop of its own. */
  | { readonly type: 'dribble'; readonly bytes: string }
  /** Zero is one turn of the event loop. */
  | { readonly type: 'wait'; readonly ms: number }
  /** Nothing more until the client leaves. */
  | { readonly type: 'hold' }
  /** An orderly close of our direction (FIN). */
  | { readonly type: 'end' }
  /** A hard close (RST). */
  | { readonly type: 'reset' };

/** A request as the fault server received it. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** Number of the connection since the start, from 0. */
  readonly connection: number;
  /** Number of the request on its connection, from 0. */
  readonly sequence: number;
}

/** A server on loopback that does exactly what a script says, right or wrong. */
export interface FaultServer {
  readonly port: number;
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  /** Connections accepted since the start, and how many of them are open. */
  readonly connections: { readonly accepted: number; readonly open: number };
  /** Resolves when no connection is open. */
  allClosed(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a fault server; `script` says how each request is answered. */
export async function startFaultServer(
  script: (request: ReceivedRequest) => readonly FaultStep[],
): Promise<FaultServer> {
  const requests: ReceivedRequest[] = [];
  const sockets = new Set<Socket>();
  let waiting: (() => void)[] = [];
  let accepted = 0;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const connection = accepted;
    accepted += 1;
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      if (sockets.size > 0) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    });
    socket.on('error', () => undefined);
    serve(socket, connection, (request) => {
      requests.push(request);
      return script(request);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    requests,
    get connections() {
      return { accepted, open: sockets.size };
    },
    allClosed: () =>
      new Promise((resolve) => {
        if (sockets.size === 0) resolve();
        else waiting.push(resolve);
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Reads requests one after the other and plays the answer of each before the next is read. */
function serve(
  socket: Socket,
  connection: number,
  answer: (request: ReceivedRequest) => readonly FaultStep[],
): void {
  let received = '';
  let sequence = 0;
  let playing = false;
  const advance = async (): Promise<void> => {
    if (playing) return;
    playing = true;
    for (let parsed = takeRequest(received); parsed !== null; parsed = takeRequest(received)) {
      received = parsed.rest;
      const steps = answer({ ...parsed.request, connection, sequence });
      sequence += 1;
      for (const step of steps) await play(socket, step);
    }
    playing = false;
  };
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
    void advance();
  });
  socket.on('end', () => socket.end());
}

function takeRequest(
  text: string,
): { request: Omit<ReceivedRequest, 'connection' | 'sequence'>; rest: string } | null {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1) return null;
  const [requestLine = '', ...lines] = text.slice(0, headEnd).split('\r\n');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  const length = Number(headers.find(([name]) => name === 'content-length')?.[1] ?? '0');
  const bodyStart = headEnd + 4;
  if (text.length < bodyStart + length) return null;
  const [method = '', path = ''] = requestLine.split(' ');
  const body = text.slice(bodyStart, bodyStart + length);
  return { request: { method, path, headers, body }, rest: text.slice(bodyStart + length) };
}

async function play(socket: Socket, step: FaultStep): Promise<void> {
  if (socket.destroyed) return;
  switch (step.type) {
    case 'write':
      socket.write(step.bytes, 'latin1');
      return;
    case 'dribble':
      for (const byte of step.bytes) {
        if (socket.destroyed) return;
        socket.write(byte, 'latin1');
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
      return;
    case 'wait':
      await new Promise((resolve) => {
        if (step.ms === 0) setImmediate(resolve);
        else setTimeout(resolve, step.ms);
      });
      return;
    case 'hold':
      await new Promise<void>((resolve) => {
        socket.once('close', () => resolve());
      });
      return;
    case 'end':
      socket.end();
      return;
    case 'reset':
      // What was written before must be on its way, or the reset would overtake it.
      await new Promise<void>((resolve) => {
        if (socket.writableLength === 0) setImmediate(resolve);
        else socket.once('drain', resolve);
      });
      socket.resetAndDestroy();
  }
}

/** A well-formed answer with a length. */
export function plainAnswer(body: string, headers: readonly string[] = []): string {
  return ['HTTP/1.1 200 OK', ...headers, `content-length: ${body.length}`, '', body].join('\r\n');
}

/** The head of a chunked answer, and one chunk. */
export const CHUNKED_HEAD = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';

/** One chunk of a chunked body; an empty text makes the last one. */
export function chunk(bytes: string): string {
  return `${bytes.length.toString(16)}\r\n${bytes}\r\n`;
}

/** The faults that every client of providers must survive, by name. */
export const FAULTS = {
  resetBeforeHead: [{ type: 'reset' }],
  closeBeforeHead: [{ type: 'end' }],
  resetWithinHead: [{ type: 'write', bytes: 'HTTP/1.1 200 OK\r\nx-a: ' }, { type: 'reset' }],
  closeWithinHead: [{ type: 'write', bytes: 'HTTP/1.1 200 OK\r\nx-a: ' }, { type: 'end' }],
  resetAfterHead: [{ type: 'write', bytes: CHUNKED_HEAD }, { type: 'reset' }],
  halfClose: [{ type: 'write', bytes: CHUNKED_HEAD + chunk('part') }, { type: 'end' }],
  dribble: [{ type: 'dribble', bytes: `${CHUNKED_HEAD}${chunk('one')}${chunk('two')}${chunk('')}` }],
  noHead: [{ type: 'hold' }],
  headThenSilence: [{ type: 'write', bytes: CHUNKED_HEAD }, { type: 'hold' }],
  lengthTooLong: [
    { type: 'write', bytes: 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfive!' },
    { type: 'end' },
  ],
  lengthTooShort: [{ type: 'write', bytes: 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfive! and more' }],
  garbage: [{ type: 'write', bytes: '\u0000\u0016\u0003garbage\r\n\r\n' }],
  otherProtocol: [{ type: 'write', bytes: 'SSH-2.0-OpenSSH_9.2\r\n' }],
  truncatedChunked: [{ type: 'write', bytes: `${CHUNKED_HEAD}ff\r\nshort` }, { type: 'end' }],
  badChunkSize: [{ type: 'write', bytes: `${CHUNKED_HEAD}${chunk('good')}0x5\r\nwrong\r\n` }],
  giantHeader: [{ type: 'write', bytes: `HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(70_000)}\r\n\r\n` }],
  endlessHead: [
    { type: 'write', bytes: `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}` },
    { type: 'hold' },
  ],
  manyHeaders: [{ type: 'write', bytes: `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(300)}\r\n` }],
  lengthAndCoding: [
    {
      type: 'write',
      bytes: 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    },
  ],
} as const satisfies { readonly [name: string]: readonly FaultStep[] };
