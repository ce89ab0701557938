import { z } from 'zod';
import { name } from './sections/common.ts';
import { failoverSection } from './sections/failover.ts';
import { idempotencySection } from './sections/idempotency.ts';
import { modelSection, routeSection } from './sections/models.ts';
import { providerSection } from './sections/providers.ts';
import { queueSection } from './sections/queue.ts';
import { observeSection, serverSection, storeSection } from './sections/server.ts';
import { timeoutsSection } from './sections/timeouts.ts';

/** The whole configuration file. Every section is optional; an unknown field is an error that names the nearest known one. */
export const configSchema = z.strictObject({
  server: serverSection.prefault({}),
  store: storeSection.prefault({}),
  observe: observeSection.prefault({}),
  timeouts: timeoutsSection.prefault({}),
  failover: failoverSection.prefault({}),
  idempotency: idempotencySection.prefault({}),
  queue: queueSection.prefault({}),
  providers: z.record(name, providerSection).default({}),
  models: z.record(name, modelSection).default({}),
  routes: z.record(name, routeSection).default({}),
});

/** A configuration as it stands in a file or is given to `createGateway`. */
export type ConfigInput = z.input<typeof configSchema>;
/** The same with defaults filled in, names not yet resolved. */
export type CheckedInput = z.output<typeof configSchema>;

/** The JSON Schema of the configuration file, for editors and the reference page. */
export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema, { io: 'input', target: 'draft-2020-12' });
}
