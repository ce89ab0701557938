import { ConfigError } from '../config/config-error.ts';
import { CommandError, EXIT, type ExitName } from './exit.ts';
import { paint, say } from './terminal.ts';

/** Tells what went wrong, in plain words without a stack, and sets the exit code. */
export function reportFailure(error: unknown): void {
  say(`${paint('red', headline(error), process.stderr)}${describeFailure(error)}`);
  process.exitCode = EXIT[exitOf(error)];
}

/** The message for the person at the terminal. */
export function describeFailure(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The exit code that a failure means. */
export function exitOf(error: unknown): ExitName {
  if (error instanceof CommandError) return error.exit;
  if (error instanceof ConfigError) return 'usage';
  if (!(error instanceof Error)) return 'failure';
  // Errors of the store and of the gateway are told by their kind, so that commands need not load either.
  const kind = 'kind' in error && typeof error.kind === 'string' ? error.kind : '';
  return EXIT_OF_KIND[kind] ?? 'failure';
}

const EXIT_OF_KIND: { readonly [kind: string]: ExitName | undefined } = {
  locked: 'unavailable',
  unavailable: 'unavailable',
  rejected: 'usage',
  model_not_found: 'notFound',
};

function headline(error: unknown): string {
  if (!(error instanceof ConfigError)) return 'Error: ';
  const count = error.problems.length;
  return count === 1 ? 'The configuration has a problem:\n' : `The configuration has ${count} problems:\n`;
}
