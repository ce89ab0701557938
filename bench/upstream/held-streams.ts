import { createServer } from 'node:net';
import { OPENAI_ANSWERS } from './answers-openai.ts';

// A provider of its own process that begins every stream and never goes on with it. Its only argument is the port.

const events = [...OPENAI_ANSWERS.before, OPENAI_ANSWERS.chunks[0] ?? ''].join('');
const answer =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n' +
  `${Buffer.byteLength(events).toString(16)}\r\n${events}\r\n`;

const server = createServer({ noDelay: true }, (socket) => {
  socket.once('data', () => socket.write(answer));
  socket.on('error', () => socket.destroy());
});
server.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4096 });
process.on('SIGTERM', () => process.exit(0));
