import { accessSync, constants, existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import type { ServerConfig } from '../../config/config.ts';
import { describeFailure } from '../failure.ts';
import { answersAt, localUrl } from '../gateway-address.ts';
import { describeStartFailure } from '../start-failure.ts';
import { fine, look, wrong, type Finding } from './finding.ts';

/** The oldest Node that has everything the program uses. */
const NODE_MIN = [24, 7] as const;

/** Whether this Node can run the program. */
export function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
  if (enough) return fine('Node', `${version} is recent enough.`);
  return wrong('Node', `${version} is too old; ${NODE_MIN.join('.')} or later is needed.`);
}

/** Whether the gateway could listen where it should, or does so already. */
export async function portFinding(server: Pick<ServerConfig, 'host' | 'port'>): Promise<Finding> {
  const { host, port } = server;
  if (port === 0) return fine('Port', 'Any free one will be taken.');
  const url = localUrl(server);
  if (await answersAt(url)) return fine('Port', `A gateway runs at ${url}.`);
  const error = await listenOnce(server);
  if (error === null) return fine('Port', `${port} on ${host} is free.`);
  return wrong('Port', describeFailure(describeStartFailure(error, server)));
}

function listenOnce({ host, port }: Pick<ServerConfig, 'host' | 'port'>): Promise<Error | null> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', done);
    server.listen({ host, port }, () => {
      server.close(() => done(null));
    });
  });
}

const ROOM_MIN_BYTES = 1_000_000_000;

/** Whether the folder of the database, or the nearest one that is there, can be written and has room. */
export async function folderFinding(storeUrl: string): Promise<Finding> {
  if (storeUrl === 'memory:')
    return look('Data folder', 'None: keys and the log are gone when the gateway ends.');
  const folder = dirname(resolve(storeUrl.replace(/^sqlite:/, '')));
  const present = nearestPresent(folder);
  try {
    accessSync(present, constants.W_OK | constants.X_OK);
  } catch {
    return wrong(
      'Data folder',
      `${present} cannot be written by this user. Change its owner, or choose another with --data.`,
    );
  }
  const { bavail, bsize } = await statfs(present);
  const freeBytes = bavail * bsize;
  const room = `${(freeBytes / 1e9).toFixed(1)} GB free`;
  if (freeBytes < ROOM_MIN_BYTES) return look('Data folder', `${folder} is nearly full: ${room}.`);
  return fine('Data folder', `${folder} can be ${present === folder ? 'written' : 'made'}, ${room}.`);
}

function nearestPresent(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestPresent(dirname(folder));
}

/** Whether the clock can be right: no release is older than its price list, so a time before that is wrong for certain. */
export function clockFinding(nowMs: number, newestDay: string | null): Finding {
  const now = new Date(nowMs).toISOString().slice(0, 19).replace('T', ' ');
  if (newestDay !== null && nowMs < Date.parse(newestDay)) {
    return wrong(
      'Clock',
      `It shows ${now} UTC, which is past: set the clock, or keys will expire at wrong times.`,
    );
  }
  return fine('Clock', `${now} UTC.`);
}
