import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type Child } from '../child.ts';
import { CPU, freshFolder } from '../places.ts';
import { FIRST_CONTENT } from '../upstream/load.ts';
import type { HttpRequest } from './http-text.ts';

const CLIENT = path.join(import.meta.dirname, 'open-streams.ts');
const PROVIDER = path.join(import.meta.dirname, '..', 'upstream', 'held-streams.ts');
const PATIENCE_MS = 90_000;

/** Starts the provider whose streams never go on. */
export function startHeldProvider(port: number): Child {
  const logFile = path.join(freshFolder('held-provider'), 'output.log');
  return startChild([process.execPath, PROVIDER, String(port)], { cpu: CPU.rest, logFile });
}

/** Opens streams and holds them until the returned client is stopped; a text is why they could not be opened. */
export async function openStreams(request: HttpRequest, count: number): Promise<Child | string> {
  const folder = freshFolder('open-streams');
  const file = path.join(folder, 'streams.json');
  const logFile = path.join(folder, 'output.log');
  writeFileSync(file, JSON.stringify({ request, count, marker: FIRST_CONTENT }));
  const client = startChild([process.execPath, CLIENT, file], { cpu: CPU.rest, logFile });
  const untilMs = performance.now() + PATIENCE_MS;
  while (performance.now() < untilMs && client.running()) {
    if (readFileSync(logFile, 'utf8').startsWith('OPEN')) return client;
    await sleep(50);
  }
  await client.stop();
  return readFileSync(logFile, 'utf8').trim() || `not all were open after ${PATIENCE_MS / 1000} s`;
}
