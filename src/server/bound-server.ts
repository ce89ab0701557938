import type { ServerConfig } from '../config/config.ts';
import type { Clock, Log } from '../spec/ports.ts';
import type { Router } from './router.ts';

/** What either HTTP server is started with. */
export interface HttpOptions {
  readonly config: ServerConfig;
  readonly router: Router;
  readonly log: Log;
  readonly clock: Clock;
}

/** A server on its port, whichever of the two it is. */
export interface BoundServer {
  readonly port: number;
  /** From here on every answer is the last of its connection; new connections are still taken. */
  retire(): void;
  /** Takes no new connections, lets requests under way finish up to the grace, then cuts what is left. */
  close(graceMs: number): Promise<void>;
}
