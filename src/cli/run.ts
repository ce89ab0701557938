import { CommanderError } from 'commander';
import { EXIT } from './exit.ts';
import { createProgram } from './program.ts';

/** Runs the command that the process was started with; what goes wrong is told and becomes the exit code. */
export async function run(): Promise<void> {
  // Whoever reads may stop early (`bellwether models | head`); a gateway goes on without its terminal.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  try {
    await createProgram().parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
}
