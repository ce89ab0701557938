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
  talkingCommands(program);
  questionCommands(program);
  return program;
}

function runningCommands(program: Command): void {
  withSettings(program.command('serve'))
    .description('start the gateway')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('-p, --port <number>', 'port to listen on, 0 for a free one (default: 8484)')
    .action(lazily(async () => (await import('./commands/serve.ts')).serve));
}

function talkingCommands(program: Command): void {
  withJson(withSettings(program.command('chat')))
    .argument('[words...]', 'a model and the prompt; without a prompt, a conversation')
    .usage('[options] [model] [prompt...]')
    .description('ask a model from the terminal: of the running gateway, or of one inside this process')
    .option('--url <address>', 'gateway to ask (default: BELLWETHER_URL, then that of the configuration)')
    .option('--key <key>', 'virtual key, or file:PATH (default: BELLWETHER_KEY)')
    .option('--embedded', 'answer from this process even where a gateway runs')
    .option('--system <text>', 'system prompt')
    .action(lazily(async () => (await import('./commands/chat.ts')).chat));
}

function questionCommands(program: Command): void {
  withJson(withSettings(program.command('check')))
    .argument('[file]', 'configuration file')
    .description('check the configuration: every problem with its line, or what it means')
    .action(lazily(async () => (await import('./commands/check.ts')).check));
  withJson(withSettings(program.command('models')))
    .description('list models and routes with their targets and prices')
    .option('--kinds', 'list the kinds of providers instead')
    .action(lazily(async () => (await import('./commands/models.ts')).models));
  withJson(withSettings(program.command('explain')))
    .argument('<model>', 'model, route or provider/model')
    .description('show where a request would go and why, without sending it')
    .option('--tools', 'the request has tools')
    .option('--image', 'it has an image')
    .option('--pdf', 'it has a PDF document')
    .option('--audio', 'it has audio')
    .option('--schema', 'its answer must follow a JSON Schema')
    .option('--tokens <number>', 'length of its prompt, such as 5000 or 200k')
    .action(lazily(async () => (await import('./commands/explain.ts')).explain));
}

function withJson(command: Command): Command {
  return command.option('--json', 'print data for scripts');
}

function withSettings(command: Command): Command {
  return command
    .option('-c, --config <file>', 'configuration file (default: bellwether.yaml where there is one)')
    .option('--data <folder>', 'folder of the database (default: data)');
}
