import { existsSync } from 'node:fs';

/** Names under which a configuration file is found in the working folder. */
const DEFAULT_FILES = ['bellwether.yaml', 'bellwether.yml', 'bellwether.json'];

/** The configuration file to use: the one named, that of the environment, one in the working folder, or none (null). */
export function configPath(named: string | undefined): string | null {
  return named ?? process.env['BELLWETHER_CONFIG'] ?? DEFAULT_FILES.find((file) => existsSync(file)) ?? null;
}
