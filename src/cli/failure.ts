import { ConfigError } from '../config/parse.ts';

/** Exit codes: 1 for a failure, 2 for wrong use or a wrong configuration. */
export const EXIT = { failure: 1, usage: 2 } as const;

/** Tells what went wrong, in one plain message without a stack, and sets the exit code. */
export function reportFailure(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message}\n`);
  process.exitCode = error instanceof ConfigError ? EXIT.usage : EXIT.failure;
}
