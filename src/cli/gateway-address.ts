import type { ServerConfig } from '../config/config.ts';

/** Address at which a gateway of this configuration is reached from the same machine. */
export function localUrl({ host, port }: Pick<ServerConfig, 'host' | 'port'>): string {
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`;
}

/** How long a gateway on the same machine may take to say that it is there. */
const HELLO_MS = 1_000;

/** Whether a Bellwether answers at an address. */
export async function answersAt(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/`, { signal: AbortSignal.timeout(HELLO_MS) });
    return (await response.text()).includes('"name":"Bellwether"');
  } catch {
    return false;
  }
}
