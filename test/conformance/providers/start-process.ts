import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Pace } from '../../../src/simulator/settings.ts';

/** A provider in a process of its own. */
export interface ProviderProcess {
  readonly url: string;
  /** Ends it as the kernel ends a process out of memory: no goodbye on any connection. */
  kill(): Promise<void>;
}

const SCRIPT = fileURLToPath(new URL('provider-process.ts', import.meta.url));

/** Starts a simulated provider that speaks all three wires at this pace. */
export async function startProviderProcess(pace: Pace): Promise<ProviderProcess> {
  const child = spawn(process.execPath, [SCRIPT, JSON.stringify(pace)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const [url] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    exited.then(() => Promise.reject(new Error('the provider process ended before it listened'))),
  ]);
  return {
    url: String(url),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
