import type { Bytes } from '../base/bytes.ts';
import { ConfigError } from '../config/config-error.ts';
import type { QueueConfig } from '../config/config.ts';
import { Queue } from '../queue/queue.ts';
import { webhookKey } from '../queue/signature.ts';
import { runJob } from '../server/queue/runner.ts';
import type { Secrets } from '../spec/ports.ts';
import type { KeyDirectory } from '../store/key-directory.ts';
import type { Stores } from '../store/store.ts';
import type { ComposedGateway } from './compose-gateway.ts';

export interface QueueParts {
  readonly config: QueueConfig;
  readonly composed: ComposedGateway;
  readonly stores: Pick<Stores, 'queue'>;
  readonly directory: Pick<KeyDirectory, 'identifyById'>;
}

/** Makes the queue of an instance; throws `ConfigError` where its secret is none. It runs nothing before its start. */
export function composeQueue({ config, composed, stores, directory }: QueueParts): Queue {
  const { gateway, bus, runtime } = composed;
  const ports = {
    serve: gateway.serve.bind(gateway),
    identifyById: directory.identifyById.bind(directory),
  };
  return new Queue({
    config,
    store: stores.queue,
    clock: runtime.clock,
    random: runtime.random,
    log: runtime.log,
    crypto: runtime.crypto,
    transport: runtime.transport,
    publish: (event) => bus.publish(event),
    runner: { run: (job, body) => runJob(ports, job, body) },
    webhookKey: keyOf(config.webhookSecret, runtime.secrets),
  });
}

function keyOf(reference: string | null, secrets: Secrets): Bytes | null {
  if (reference === null) return null;
  const key = webhookKey(secrets.resolve(reference) ?? '');
  if (key !== null) return key;
  const message = `what stands at ${reference} is no secret of webhooks: base64 of at least 16 bytes, such as whsec_ and the output of "openssl rand -base64 32"`;
  throw new ConfigError('the configuration', [{ path: 'queue.webhook_secret', message, line: null }]);
}
