import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from '../child.ts';
import { AnswerReader, requestText, type HttpRequest } from './http-text.ts';

/** The first complete 200 of a program that was just started. */
export interface FirstAnswer {
  /** From the start of the program. */
  readonly afterMs: number;
  /** Size of the whole answer on the wire, head and framing included. */
  readonly bytes: number;
}

const POLL_MS = 2;
const PATIENCE_MS = 20_000;

/** Asks every two milliseconds until the program answers 200; throws with the last answer where it never does. */
export async function firstAnswer(child: Child, request: HttpRequest): Promise<FirstAnswer> {
  let last = 'nobody listened';
  while (performance.now() - child.startedMs < PATIENCE_MS) {
    if (!child.running())
      throw new Error(`process ${child.pid} ended before it answered: ${await child.output}`);
    const answer = await ask(request);
    if (answer.status === 200) return { afterMs: performance.now() - child.startedMs, bytes: answer.bytes };
    if (answer.status !== 0) last = answer.text;
    await sleep(POLL_MS);
  }
  throw new Error(`process ${child.pid} never answered 200 to ${request.path}; last: ${last.slice(0, 2000)}`);
}

interface Answer {
  readonly status: number;
  readonly bytes: number;
  readonly text: string;
}

/** Sends one request on a connection of its own; status 0 where there was no answer. */
export function ask(request: HttpRequest): Promise<Answer> {
  return new Promise((resolve) => {
    const reader = new AnswerReader();
    let text = '';
    const done = (): void => {
      socket.destroy();
      resolve({ status: reader.status, bytes: reader.bytes, text });
    };
    const socket = connect({ port: request.port, host: '127.0.0.1', noDelay: true });
    socket.setEncoding('latin1');
    socket.on('connect', () => socket.write(requestText(request)));
    socket.on('data', (data: string) => {
      text += data;
      if (reader.push(data)) done();
    });
    socket.on('error', done);
    socket.on('end', done);
  });
}
