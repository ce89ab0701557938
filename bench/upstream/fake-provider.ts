import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { startChild, type Child } from '../child.ts';
import { firstAnswer } from '../measure/first-answer.ts';
import { freePort } from '../measure/free-port.ts';
import { CPU, freshFolder } from '../places.ts';
import { ANTHROPIC_ANSWERS } from './answers-anthropic.ts';
import { GEMINI_ANSWERS } from './answers-gemini.ts';
import { OPENAI_ANSWERS } from './answers-openai.ts';
import type { Answers } from './answers.ts';
import { LOADS, loadName, type Load, type Wire } from './load.ts';
import { nginxConfig, quoted } from './nginx-text.ts';

/** The fake provider: nginx with its echo module, which answers far faster than any gateway asks. */
export interface FakeProvider {
  readonly port: number;
  readonly child: Child;
}

const ANSWERS: Readonly<Record<Wire, Answers>> = {
  openai: OPENAI_ANSWERS,
  anthropic: ANTHROPIC_ANSWERS,
  gemini: GEMINI_ANSWERS,
};

/** Starts the fake provider on the processor that the gateway does not use. */
export async function startFakeProvider(): Promise<FakeProvider> {
  const folder = freshFolder('upstream');
  const port = await freePort();
  const locations = LOADS.filter(({ pace }) => pace !== 'held').map(location);
  const file = path.join(folder, 'nginx.conf');
  writeFileSync(
    file,
    nginxConfig(`  server {
    listen 127.0.0.1:${port} backlog=4096;
${locations.join('\n')}
  }`),
  );
  const child = startChild(['nginx', '-p', folder, '-c', file, '-e', 'error.log', '-g', 'daemon off;'], {
    cpu: CPU.rest,
    logFile: path.join(folder, 'output.log'),
  });
  await firstAnswer(child, { port, path: '/openai-json/', headers: [], body: '{}' });
  return { port, child };
}

function location(load: Load): string {
  const { headers } = ANSWERS[load.wire];
  const lines = [
    ...headers.map(([name, value]) => `add_header ${name} ${quoted(value)};`),
    ...(load.pace === 'json' ? jsonLines(load.wire) : streamLines(load)),
  ];
  return `    location /${loadName(load)}/ {\n      ${lines.join('\n      ')}\n    }`;
}

function jsonLines(wire: Wire): readonly string[] {
  return ['default_type application/json;', `return 200 ${quoted(ANSWERS[wire].json)};`];
}

function streamLines({ wire, pace }: Load): readonly string[] {
  const { before, chunks, after } = ANSWERS[wire];
  const pause = pace === 'paced' ? ['echo_sleep 0.002;'] : [];
  const send = (events: readonly string[]): readonly string[] => [
    `echo -n ${quoted(events.join(''))};`,
    'echo_flush;',
  ];
  // The first content comes with the events that open the stream, so that the time to it is the gateway's own.
  const [first = '', ...rest] = chunks;
  return [
    'default_type text/event-stream;',
    ...send([...before, first]),
    ...rest.flatMap((chunk) => [...pause, ...send([chunk])]),
    ...send(after),
  ];
}
