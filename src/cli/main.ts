#!/usr/bin/env node
import { CommanderError } from 'commander';
import { EXIT } from './exit.ts';
import { createProgram } from './program.ts';

// Whoever reads may stop early (`bellwether models | head`); a gateway goes on without its terminal.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

try {
  await createProgram().parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
}
