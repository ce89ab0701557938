import { typed } from '../typed.ts';
import type { IssuedKeyAnswer, KeyAnswer } from '../admin/answers.ts';
import { openAdmin, type AdminDoor, type AdminOptions } from '../admin/door.ts';
import { CommandError } from '../exit.ts';
import { localTime } from '../format/amount.ts';
import { table } from '../format/table.ts';
import { expiryFrom } from '../format/time.ts';
import { harmless, paint, print, printJson, say } from '../terminal.ts';

interface KeyOptions extends AdminOptions {
  readonly json?: boolean;
}

/** What can be said about a key; on `update` only what is given changes. */
interface KeyFields extends KeyOptions {
  readonly name?: string;
  readonly admin?: boolean;
  readonly model?: readonly string[];
  readonly allModels?: boolean;
  readonly direct?: boolean;
  readonly tag?: readonly string[];
  readonly expires?: string;
}

/** `bellwether keys create`: makes a key; its text is the only thing on standard output. */
export async function createKey(options: KeyFields): Promise<void> {
  if (options.name === undefined)
    throw new CommandError('usage', 'Give the key a name for people with --name NAME.');
  const body = { role: options.admin ? 'admin' : 'inference', ...fieldsOf(options) };
  await through(options, 'made', async (admin) => {
    const issued = await admin.call<IssuedKeyAnswer>({ method: 'POST', path: '/keys', body });
    if (options.json) {
      printJson(issued);
      return;
    }
    say(
      `Made ${issued.key.role} key ${issued.key.id} (${harmless(issued.key.name)}). This text is shown only now:`,
    );
    print(issued.plain);
  });
}

/** `bellwether keys list`: keys in force, or with `--all` also the others. */
export async function listKeys(options: KeyOptions & { readonly all?: boolean }): Promise<void> {
  await through(options, 'present', async (admin) => {
    const { keys } = await admin.call<{ readonly keys: readonly KeyAnswer[] }>({
      method: 'GET',
      path: '/keys',
    });
    const shown = options.all ? keys : keys.filter((key) => stateOf(key) === 'in force');
    if (options.json) printJson({ keys: shown });
    else if (shown.length === 0)
      say(`There is no key in force. "${typed('keys create --name NAME')}" makes one.`);
    else print(table([HEADER.map((title) => paint('dim', title)), ...shown.map(row)]));
    const hidden = keys.length - shown.length;
    if (hidden > 0 && !options.json)
      say(paint('dim', `${hidden} out of force; --all shows them.`, process.stderr));
  });
}

/** `bellwether keys show ID`. */
export async function showKey(id: string, options: KeyOptions): Promise<void> {
  await through(options, 'present', async (admin) =>
    tell(await admin.call({ method: 'GET', path: keyPath(id) }), options),
  );
}

/** `bellwether keys update ID`: changes what is given and leaves the rest. */
export async function updateKey(id: string, options: KeyFields): Promise<void> {
  const body = fieldsOf(options);
  if (Object.keys(body).length === 0)
    throw new CommandError('usage', 'Say what to change; --help lists what can be.');
  await through(options, 'present', async (admin) =>
    tell(await admin.call({ method: 'PATCH', path: keyPath(id), body }), options),
  );
}

/** `bellwether keys revoke ID`: puts a key out of force at once and for good. */
export async function revokeKey(id: string, options: KeyOptions): Promise<void> {
  await through(options, 'present', async (admin) => {
    const key = await admin.call<KeyAnswer>({ method: 'DELETE', path: keyPath(id) });
    if (options.json) printJson(key);
    else say(`Revoked ${key.id} (${harmless(key.name)}), for good.`);
  });
}

async function through(
  options: KeyOptions,
  needed: 'present' | 'made',
  use: (admin: AdminDoor) => Promise<void>,
): Promise<void> {
  const admin = await openAdmin(options, needed);
  try {
    await use(admin);
  } finally {
    await admin.close();
  }
}

function keyPath(id: string): string {
  return `/keys/${encodeURIComponent(id)}`;
}

function fieldsOf(options: KeyFields): object {
  const { name, model, allModels, direct, tag, expires } = options;
  return {
    ...(name === undefined ? {} : { name }),
    ...(allModels ? { models: null } : model === undefined ? {} : { models: model }),
    ...(direct === undefined ? {} : { direct_targets: direct }),
    ...(tag === undefined ? {} : { tags: tag }),
    ...(expires === undefined ? {} : { expires_at: expiryFrom(expires, Date.now()) }),
  };
}

const HEADER = ['ID', 'NAME', 'ROLE', 'KEY', 'MODELS', 'MADE', 'STATE'];

function row(key: KeyAnswer): readonly string[] {
  return [
    key.id,
    harmless(key.name),
    key.role,
    key.hint,
    modelWords(key),
    localTime(key.created_at),
    stateWords(key),
  ];
}

function tell(key: KeyAnswer, { json }: KeyOptions): void {
  if (json) {
    printJson(key);
    return;
  }
  print(
    table([
      ['Id', key.id],
      ['Name', harmless(key.name)],
      ['Role', key.role],
      ['Key', key.hint],
      ['Models', modelWords(key)],
      ['Direct targets', key.direct_targets ? 'may address provider/model' : 'no'],
      ['Tags', key.tags.map(harmless).join(', ') || 'none'],
      ['Made', localTime(key.created_at)],
      ['Expires', key.expires_at === null ? 'never' : localTime(key.expires_at)],
      ['State', stateWords(key)],
    ]),
  );
}

function modelWords({ models }: KeyAnswer): string {
  return models === null ? 'all' : models.map(harmless).join(', ') || 'none';
}

function stateOf({ revoked_at, expires_at }: KeyAnswer): 'in force' | 'revoked' | 'expired' {
  if (revoked_at !== null) return 'revoked';
  return expires_at !== null && Date.parse(expires_at) <= Date.now() ? 'expired' : 'in force';
}

function stateWords(key: KeyAnswer): string {
  const state = stateOf(key);
  if (state === 'revoked') return paint('red', `revoked ${localTime(key.revoked_at ?? '')}`);
  if (state === 'expired') return paint('yellow', `expired ${localTime(key.expires_at ?? '')}`);
  return key.expires_at === null ? 'in force' : `until ${localTime(key.expires_at)}`;
}
