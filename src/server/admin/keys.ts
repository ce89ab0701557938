import { z } from 'zod';
import { KEY_ROLES, type VirtualKey } from '../../spec/identity.ts';
import type { KeyUpdate } from '../../store/store.ts';
import { timeInput, timeMs, timeSchema, timeText, timeTextOrNull } from './format.ts';
import { Problem } from './problem.ts';
import { route, routeWithBody, type AdminRoute } from './route.ts';

const name = z.string().trim().min(1).max(100);
const models = z.array(z.string().min(1).max(200)).max(500).nullable();
const tags = z.array(z.string().min(1).max(100)).max(50);

const keySchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    role: z.literal(KEY_ROLES),
    hint: z.string().describe('First and last characters, to recognise the key by.'),
    models: z.array(z.string()).nullable().describe('Models and routes that may be asked for; null for all.'),
    direct_targets: z.boolean().describe('Whether provider/upstream-model may be addressed directly.'),
    tags: z.array(z.string()),
    created_at: timeSchema,
    expires_at: timeSchema.nullable(),
    revoked_at: timeSchema.nullable(),
  })
  .meta({ id: 'Key', description: 'A virtual key, without its text.' });

const issuedSchema = z
  .strictObject({
    key: keySchema,
    plain: z.string().describe('The text of the key. It is shown this once and kept nowhere.'),
  })
  .meta({ id: 'IssuedKey' });

const createInput = z
  .strictObject({
    name,
    role: z.literal(KEY_ROLES).default('inference'),
    models: models.default(null),
    direct_targets: z.boolean().default(false),
    tags: tags.default([]),
    expires_at: timeInput.nullable().default(null),
  })
  .meta({ id: 'NewKey' });

const updateInput = z
  .strictObject({ name, models, direct_targets: z.boolean(), tags, expires_at: timeInput.nullable() })
  .partial()
  .meta({ id: 'KeyUpdate' });

/** Virtual keys: made, listed, changed, revoked. */
export const keyRoutes: readonly AdminRoute[] = [
  routeWithBody({
    method: 'POST',
    path: '/keys',
    id: 'createKey',
    summary: 'Makes a virtual key. The answer shows its text, this once.',
    permission: 'keys:write',
    status: 201,
    input: createInput,
    output: issuedSchema,
    handle: async ({ input, ports }) => {
      const { direct_targets, expires_at, ...rest } = input;
      const expiresAtMs = expires_at === null ? null : timeMs(expires_at);
      refusePast(expiresAtMs, ports.clock.nowMs());
      const { key, plain } = await ports.keys.issue({ ...rest, directTargets: direct_targets, expiresAtMs });
      return { key: keyView(key), plain };
    },
  }),
  route({
    method: 'GET',
    path: '/keys',
    id: 'listKeys',
    summary: 'Lists all virtual keys, oldest first, also those out of force.',
    permission: 'keys:read',
    output: z.strictObject({ keys: z.array(keySchema) }),
    handle: async ({ ports }) => ({ keys: (await ports.keys.list()).map(keyView) }),
  }),
  route({
    method: 'GET',
    path: '/keys/{id}',
    id: 'getKey',
    summary: 'Shows one virtual key.',
    permission: 'keys:read',
    output: keySchema,
    handle: async ({ params, ports }) => found(await ports.keys.get(params['id'] ?? '')),
  }),
  routeWithBody({
    method: 'PATCH',
    path: '/keys/{id}',
    id: 'updateKey',
    summary: 'Changes the given fields of a virtual key; it counts at once.',
    permission: 'keys:write',
    input: updateInput,
    output: keySchema,
    handle: async ({ params, input, ports }) =>
      found(await ports.keys.update(params['id'] ?? '', keyUpdate(input))),
  }),
  route({
    method: 'DELETE',
    path: '/keys/{id}',
    id: 'revokeKey',
    summary: 'Revokes a virtual key at once and for good. Its row stays for the request log.',
    permission: 'keys:write',
    output: keySchema,
    handle: async ({ params, ports }) => found(await ports.keys.revoke(params['id'] ?? '')),
  }),
];

function keyUpdate(input: z.infer<typeof updateInput>): KeyUpdate {
  const { direct_targets, expires_at } = input;
  return {
    ...(input.name === undefined ? {} : { name: input.name }),
    ...(input.models === undefined ? {} : { models: input.models }),
    ...(input.tags === undefined ? {} : { tags: input.tags }),
    ...(direct_targets === undefined ? {} : { directTargets: direct_targets }),
    ...(expires_at === undefined ? {} : { expiresAtMs: expires_at === null ? null : timeMs(expires_at) }),
  };
}

function refusePast(expiresAtMs: number | null, nowMs: number): void {
  if (expiresAtMs === null || expiresAtMs > nowMs) return;
  throw new Problem('invalid', '"expires_at" is in the past; the key would never be in force.', {
    field: 'expires_at',
  });
}

function found(key: VirtualKey | null): z.infer<typeof keySchema> {
  if (key !== null) return keyView(key);
  throw new Problem('not_found', 'There is no key with this id. GET /admin/v1/keys lists them.');
}

function keyView(key: VirtualKey): z.infer<typeof keySchema> {
  return {
    id: key.keyId,
    name: key.name,
    role: key.role,
    hint: key.hint,
    models: key.models === null ? null : [...key.models],
    direct_targets: key.directTargets,
    tags: [...key.tags],
    created_at: timeText(key.createdAtMs),
    expires_at: timeTextOrNull(key.expiresAtMs),
    revoked_at: timeTextOrNull(key.revokedAtMs),
  };
}
