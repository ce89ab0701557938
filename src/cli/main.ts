#!/usr/bin/env node
import { Command } from 'commander';
import { registerServe } from './commands/serve.ts';

const program = new Command('bellwether')
  .description('The AI gateway whose callers never see an outage.')
  .showSuggestionAfterError()
  .configureHelp({ sortSubcommands: true });

registerServe(program);

await program.parseAsync();
