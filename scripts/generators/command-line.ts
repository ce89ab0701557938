import type { Command } from 'commander';
import { ENVIRONMENT } from '../../src/cli/environment.ts';
import { EXIT, EXIT_MEANINGS } from '../../src/cli/exit.ts';
import { createProgram } from '../../src/cli/program.ts';
import { escapeCell, generatedNotice } from './markdown.ts';

/** The reference page of the command line: commands with their arguments and options, and the exit codes. */
export function commandLinePage(): string {
  const commands = createProgram().commands.flatMap((command) => sectionsOf(command, 'bellwether'));
  const codes = Object.entries(EXIT).map(([name, code]) => `| ${code} | ${escapeCell(meaningOf(name))} |`);
  return [
    '# Command line',
    '',
    generatedNotice('src/cli/program.ts'),
    '',
    'In a clone, `npm start` is `bellwether serve`, and `npm run bellwether -- COMMAND` is `bellwether COMMAND`. Every command',
    'takes `--help`.',
    '',
    ...commands.flatMap((section) => [...section, '']),
    '## Environment',
    '',
    'An option on the command line wins over the variable, the variable over the configuration file.',
    '',
    '| variable | |',
    '|---|---|',
    ...Object.entries(ENVIRONMENT).map(([name, meaning]) => `| \`${name}\` | ${escapeCell(meaning)} |`),
    '',
    '## Output',
    '',
    'Data goes to standard output, talk to standard error. `--json` prints data for scripts: `keys` and `requests` print what',
    'the [admin API](admin-api.md) answers; times are ISO 8601 in UTC and amounts exact decimal texts in US dollars. Fields may',
    'be added, but none changes its meaning.',
    '',
    '## Exit codes',
    '',
    '| code | meaning |',
    '|---|---|',
    ...codes,
    '',
  ].join('\n');
}

function meaningOf(exit: string): string {
  return new Map<string, string>(Object.entries(EXIT_MEANINGS)).get(exit) ?? '';
}

// A command with commands of its own and nothing to set is told through them.
function sectionsOf(command: Command, parent: string): readonly (readonly string[])[] {
  const name = `${parent} ${command.name()}`;
  const below = command.commands.flatMap((each) => sectionsOf(each, name));
  if (below.length > 0 && command.options.length === 0) return below;
  const description = command.description();
  const head = [`## \`${name} ${command.usage()}\``, '', `${sentence(description)}`];
  const rows = [
    ...command.registeredArguments.map((each) => row(each.name(), each.description)),
    ...command.options.filter((each) => !each.hidden).map((each) => row(each.flags, each.description)),
  ];
  const own = rows.length === 0 ? head : [...head, '', '| argument or option | |', '|---|---|', ...rows];
  return [own, ...below];
}

function row(name: string, description: string): string {
  return `| \`${escapeCell(name)}\` | ${escapeCell(sentence(description))} |`;
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return first === '' || first.endsWith('.') ? first : `${first}.`;
}
