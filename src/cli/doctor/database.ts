import { typed } from '../typed.ts';
import { existsSync } from 'node:fs';
import { openLocalAdmin } from '../../compose/local-admin.ts';
import type { Config } from '../../config/config.ts';
import { describeFailure } from '../failure.ts';
import { counted } from '../format/amount.ts';
import { answersAt, localUrl } from '../gateway-address.ts';
import { fine, look, wrong, type Finding } from './finding.ts';
import type { KeyAnswer } from '../admin/answers.ts';

/** Whether the database opens, and whether anybody could use the gateway with the keys in it. */
export async function databaseFinding(config: Config): Promise<Finding> {
  const { url } = config.store;
  const file = url.replace(/^sqlite:/, '');
  if (url === 'memory:') return fine('Database', 'In memory.');
  if (!existsSync(file)) return fine('Database', `${file} will be made at the first start.`);
  try {
    return await keysFinding(config, file);
  } catch (error) {
    const locked = error instanceof Error && 'kind' in error && error.kind === 'locked';
    if (locked && (await answersAt(localUrl(config.server))))
      return fine('Database', `${file} is open in the running gateway.`);
    return wrong('Database', describeFailure(error));
  }
}

async function keysFinding(config: Config, file: string): Promise<Finding> {
  const admin = await openLocalAdmin(config);
  try {
    const { body } = await admin.call('GET', '/admin/v1/keys', '', null);
    const { keys }: { readonly keys: readonly KeyAnswer[] } = JSON.parse(body);
    const count = keys.filter(({ revoked_at }) => revoked_at === null).length;
    if (count > 0) return fine('Database', `${file} opens; it has ${counted(count, 'key')} in force.`);
    return look(
      'Database',
      `${file} opens, but no key is in force: "${typed('keys create --name NAME')}" makes one.`,
    );
  } finally {
    await admin.close();
  }
}
