import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Secrets } from '../spec/ports.ts';

type Environment = { readonly [name: string]: string | undefined };

/**
 * Secrets from the environment (`env:NAME`), files (`file:PATH`) and systemd credentials (`credential:NAME`). Anything
 * else is refused with an error, so that a key pasted into a configuration file never works and is noticed at once.
 */
export function createSecrets(environment: Environment = process.env): Secrets {
  return {
    resolve: (reference) => {
      const match = /^(env|file|credential):(.+)$/s.exec(reference);
      // The text may be a pasted key, so the message does not repeat it.
      if (match === null) throw new Error(NOT_A_REFERENCE);
      const [, scheme = '', name = ''] = match;
      if (scheme === 'env') return nonEmpty(environment[name] ?? '');
      if (scheme === 'file') return readSecretFile(name);
      return readCredential(name, environment['CREDENTIALS_DIRECTORY']);
    },
  };
}

const NOT_A_REFERENCE =
  'A secret must be a reference: env:NAME, file:PATH or credential:NAME. The value itself does not belong into a configuration.';

/** Systemd: $CREDENTIALS_DIRECTORY holds one file per LoadCredential= line (systemd.exec(5)). */
function readCredential(name: string, directory: string | undefined): string | null {
  if (directory === undefined || name === '.' || name === '..' || /[/\\\0]/.test(name)) return null;
  return readSecretFile(join(directory, name));
}

function readSecretFile(path: string): string | null {
  try {
    return nonEmpty(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

function nonEmpty(value: string): string | null {
  const trimmed = value.trim();
  return trimmed === '' ? null : trimmed;
}
