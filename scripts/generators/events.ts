import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../tool.ts';
import { escapeCell, generatedNotice } from './markdown.ts';

const SOURCE = 'src/spec/event.ts';
const INTERFACE =
  /\/\*\* (?<text>(?:(?!\*\/)[^])*?) \*\/\nexport interface (?<name>\w+) \{\n(?<body>[^]*?)\n\}/g;
const MEMBER =
  /(?: {2}\/\*\*\s(?<text>(?:(?!\*\/)[^])*?)\*\/\n)? {2}readonly (?<name>\w+): (?<type>(?:\{[^}]*\}|[^;{])+);/g;
const TYPE_MEMBER = /readonly type: '(?<type>[a-z-]+)'/;
const UNION = /export type GatewayEvent =(?<members>[^;]+);/;

/** The reference page of events, from the types and their sentences. Fails where an event has none. */
export function eventsPage(): string {
  const source = readFileSync(path.join(ROOT, SOURCE), 'utf8');
  const sections = new Map<string, readonly string[]>();
  for (const match of source.matchAll(INTERFACE)) {
    const { name = '', text = '', body = '' } = match.groups ?? {};
    sections.set(name, section(text, body));
  }
  const bodies = eventNames(source).map((name) => {
    const found = sections.get(name);
    if (found === undefined)
      throw new Error(`${SOURCE}: the event ${name} has no docstring, or is no plain interface.`);
    return found.join('\n');
  });
  const head = [
    '# Events',
    '',
    generatedNotice(SOURCE),
    '',
    'Everything that happens is told once, in the past tense, to whoever listens: logs, metrics, alerts, the dashboard, and',
    'your own code through `gateway.on`. A listener can never fail or slow down a request.',
    '',
  ];
  return `${[...head, bodies.join('\n\n')].join('\n')}\n`;
}

function eventNames(source: string): readonly string[] {
  const members = UNION.exec(source)?.groups?.['members'] ?? '';
  return members
    .split('|')
    .map((member) => member.trim())
    .filter((member) => member !== '');
}

function section(text: string, body: string): readonly string[] {
  const rows = [...body.matchAll(MEMBER)]
    .filter((member) => member.groups?.['name'] !== 'type')
    .map(
      ({ groups = {} }) =>
        `| \`${groups['name']}\` | \`${cellType(groups['type'] ?? '')}\` | ${sentence(groups['text'])} |`,
    );
  return [
    `## \`${TYPE_MEMBER.exec(body)?.groups?.['type'] ?? ''}\``,
    '',
    sentence(text),
    '',
    '| field | type | |',
    '|---|---|---|',
    ...rows,
  ];
}

function cellType(type: string): string {
  return escapeCell(type.replaceAll('readonly ', '').replaceAll(/\s+/g, ' ').trim());
}

// A docstring over several lines has a star at the start of each.
function sentence(docstring = ''): string {
  return escapeCell(
    docstring
      .replace(/^\s*\*/, '')
      .replaceAll(/\s*\n\s*\*?\s*/g, ' ')
      .trim(),
  );
}
