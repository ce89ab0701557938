import { Command } from 'commander';
import { VERSION } from '../compose/version.ts';
import { lazily } from './lazily.ts';

/** The whole command line: names, options and help. The code of each command is loaded when it is run. */
export function createProgram(): Command {
  const program = new Command('bellwether')
    .description('The AI gateway whose callers never see an outage.')
    .version(VERSION, '-V, --version', 'print the version and nothing else')
    .option('--no-color', 'write without colours, as with NO_COLOR=1')
    .showSuggestionAfterError()
    .showHelpAfterError('Add --help for what this command takes.')
    .addHelpText('after', FOOTER)
    .exitOverride();
  program.hook('preAction', () => {
    if (program.opts<{ color: boolean }>().color) return;
    process.env['NO_COLOR'] = '1';
    delete process.env['FORCE_COLOR'];
  });
  runningCommands(program);
  talkingCommands(program);
  questionCommands(program);
  adminCommands(program);
  reportCommands(program);
  simulatorCommands(program);
  drillCommand(program);
  withJson(program.command('version'))
    .description('print the version, and what it runs on')
    .action(lazily(async () => (await import('./commands/version.ts')).version));
  return program;
}

const FOOTER = `
Without a configuration file and without keys of providers it starts with simulated ones:
  $ bellwether serve
  $ bellwether chat gpt-4.1 "Say hello"

A command's options: bellwether COMMAND --help`;

function runningCommands(program: Command): void {
  withJson(program.command('init'))
    .argument('[file]', 'file to write (default: bellwether.yaml)')
    .description('write a first configuration over the providers whose keys are in the environment')
    .option('-y, --yes', 'ask nothing')
    .option('--force', 'overwrite a file that is there')
    .action(lazily(async () => (await import('./commands/init.ts')).init));
  withListening(withSettings(program.command('serve')))
    .description('start the gateway')
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

function simulatorCommands(program: Command): void {
  const simulate = program
    .command('simulate')
    .description('serve simulated providers that speak three APIs and fail on demand')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('-p, --port <number>', 'port to listen on, 0 for a free one (default: 8585)')
    .option('--wire <name>', 'API of paths that do not tell it: chat, messages or generate-content')
    .option('--fault <name>', 'fault that every request meets, such as 503, cut:5 or slow:2000')
    .option('--first-token-ms <number>', 'delay before the first token (default: 150)')
    .option('--tokens-per-second <number>', 'speed of streams, 0 for all at once (default: 80)')
    .action(lazily(async () => (await import('./commands/simulate.ts')).simulate));
  withRunningAdmin(simulate.command('fault'))
    .argument('<provider>', 'name of a simulated provider of the running gateway')
    .argument('<fault>', 'such as down, 503, cut:5 or slow:2000; none makes it well')
    .description('break or mend a simulated provider of the running gateway')
    .option('--share <number>', 'share of its requests that meet the fault, 0 to 1 (default: 1)')
    .action(lazily(async () => (await import('./commands/simulate-fault.ts')).simulateFault));
}

function drillCommand(program: Command): void {
  withRunningAdmin(program.command('drill'))
    .description('make a provider fail on purpose and tell what callers saw of it')
    .option('--provider <name>', 'provider of the running gateway that is to fail, real or simulated')
    .option('--fault <name>', 'how, such as down, hang, 429, 503, cut:5 or slow:2000')
    .option('--share <number>', 'share of its calls that meet the fault (default: 1)')
    .option('--for <time>', 'how long, such as 30s, 15m or 12h (default: 60s)')
    .option(
      '--scenario <file>',
      'run a scenario file, or one that comes along, on virtual time in this process',
    )
    .option('--print', 'print the scenario instead, to write one of your own')
    .option('--list', 'list the scenarios that come along')
    .option('--replay <file>', 'replay real incidents from a file on virtual time in this process')
    .option('--services <names...>', 'services of the replay, the first preferred (default: all of the file)')
    .option(
      '--period <months>',
      'months or days of the replay, such as 2023-07..2024-02 (default: all of the file)',
    )
    .option('--mode <name>', 'how incidents count in a replay: conservative (default) or weighted')
    .option('--requests <number>', 'requests of a replay (default: 20000)')
    .option('--seed <number>', 'seed of a scenario or replay; the same one gives the same report')
    .action(lazily(async () => (await import('./commands/drill.ts')).drill));
}

function questionCommands(program: Command): void {
  withJson(withSettings(program.command('check')))
    .argument('[file]', 'configuration file')
    .description('check the configuration: every problem with its line, or what it means')
    .action(lazily(async () => (await import('./commands/check.ts')).check));
  withListening(withJson(withSettings(program.command('doctor'))))
    .description('look at everything a gateway needs: machine, database, providers and their keys')
    .action(lazily(async () => (await import('./commands/doctor.ts')).doctor));
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

function adminCommands(program: Command): void {
  withAdmin(program.command('requests'))
    .argument('[id]', 'one request, with all of its attempts')
    .description('show the log of requests, newest first')
    .option('-n, --limit <number>', 'how many (default: 20, at most 200)')
    .option('--model <name>', 'only of this model or route')
    .option('--failed', 'only those with a status of 400 or more')
    .option('--recovered', 'only those that another attempt saved')
    .option('--resumed', 'only those whose answer broke off in the middle and went on')
    .action(lazily(async () => (await import('./commands/requests.ts')).requests));
  const keys = program.command('keys').description('make, list, change and revoke virtual keys');
  withKeyFields(withAdmin(keys.command('create')))
    .description('make a key; its text is shown once, alone on standard output')
    .option('--admin', 'a key for the admin API instead of one that calls models')
    .action(lazily(async () => (await import('./commands/keys.ts')).createKey));
  withAdmin(keys.command('list'))
    .description('list the keys that are in force')
    .option('--all', 'also those that are revoked or expired')
    .action(lazily(async () => (await import('./commands/keys.ts')).listKeys));
  withAdmin(keys.command('show'))
    .argument('<id>', 'id of the key')
    .description('show one key, without its text')
    .action(lazily(async () => (await import('./commands/keys.ts')).showKey));
  withKeyFields(withAdmin(keys.command('update')))
    .argument('<id>', 'id of the key')
    .description('change what is given of a key and leave the rest')
    .option('--all-models', 'let it ask for every model')
    .option('--no-direct', 'let it ask for public models only')
    .action(lazily(async () => (await import('./commands/keys.ts')).updateKey));
  withAdmin(keys.command('revoke'))
    .argument('<id>', 'id of the key')
    .description('put a key out of force, at once and for good')
    .action(lazily(async () => (await import('./commands/keys.ts')).revokeKey));
}

function reportCommands(program: Command): void {
  const report = program
    .command('report')
    .description('report on the running gateway, for people and monitors');
  withRunningAdmin(report.command('health'))
    .description('tell which models and targets are well; ends with 1 where a model is down')
    .action(lazily(async () => (await import('./commands/report.ts')).reportHealth));
}

function withKeyFields(command: Command): Command {
  return command
    .option('--name <name>', 'name for people')
    .option('--model <names...>', 'models and routes that it may ask for (default: all)')
    .option('--direct', 'let it address provider/model directly')
    .option('--tag <tags...>', 'tags for every request made with it')
    .option('--expires <when>', '12h, 30d, 8w, a date such as 2027-01-31, or never');
}

function withAdmin(command: Command): Command {
  return withAdminOf(command, 'else the database itself');
}

function withRunningAdmin(command: Command): Command {
  return withAdminOf(command, 'then that of the configuration');
}

function withAdminOf(command: Command, otherwise: string): Command {
  return withJson(withSettings(command))
    .option('--url <address>', `gateway to ask (default: BELLWETHER_URL, ${otherwise})`)
    .option('--admin-key <key>', 'admin key, or file:PATH (default: BELLWETHER_ADMIN_KEY)');
}

function withJson(command: Command): Command {
  return command.option('--json', 'print data for scripts');
}

function withListening(command: Command): Command {
  return command
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('-p, --port <number>', 'port to listen on, 0 for a free one (default: 8484)');
}

function withSettings(command: Command): Command {
  return command
    .option('-c, --config <file>', 'configuration file (default: bellwether.yaml where there is one)')
    .option('--data <folder>', 'folder of the database (default: data)');
}
