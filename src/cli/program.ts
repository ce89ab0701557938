import { Command } from 'commander';
import { lazily } from './lazily.ts';

/** The whole command line: names, options and help. The code of each command is loaded when it is run. */
export function createProgram(): Command {
  const program = new Command('bellwether')
    .description('The AI gateway whose callers never see an outage.')
    .option('--no-color', 'write without colours, as with NO_COLOR=1')
    .showSuggestionAfterError()
    .showHelpAfterError('Add --help for what this command takes.')
    .exitOverride();
  program.hook('preAction', () => {
    if (program.opts<{ color: boolean }>().color) return;
    process.env['NO_COLOR'] = '1';
  });
  runningCommands(program);
  return program;
}

function runningCommands(program: Command): void {
  withSettings(program.command('serve'))
    .description('start the gateway')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('-p, --port <number>', 'port to listen on, 0 for a free one (default: 8484)')
    .action(lazily(async () => (await import('./commands/serve.ts')).serve));
}

function withSettings(command: Command): Command {
  return command
    .option('-c, --config <file>', 'configuration file (default: bellwether.yaml where there is one)')
    .option('--data <folder>', 'folder of the database (default: data)');
}
