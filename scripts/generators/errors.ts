import { ERROR_KINDS, ruleOf, type ErrorKind, type ErrorRule } from '../../src/spec/error.ts';
import { escapeCell, generatedNotice } from './markdown.ts';

const NEXT: Record<ErrorRule['next'], string> = {
  stop: 'the caller is told',
  'same-target': 'elsewhere; where nothing else is left, once more on the same target',
  'other-key': 'another key of the same provider, then elsewhere',
  'other-target': 'elsewhere',
};

/** The reference page of error kinds, from the one table that decides about them. */
export function errorsPage(): string {
  const rows = kinds().map((kind) => {
    const rule = ruleOf(kind);
    const hurts = rule.hurts ? 'yes' : 'no';
    return `| \`${kind}\` | ${rule.status} | ${NEXT[rule.next]} | ${hurts} | ${rule.level} | ${escapeCell(rule.meaning)} |`;
  });
  return [
    '# Error kinds',
    '',
    generatedNotice('src/spec/error.ts'),
    '',
    'Every failure has one kind. The kind decides the HTTP status that a client receives when it ends the request, what',
    "the gateway tries next, whether it counts against the target's health, and how loudly it is logged. Each protocol",
    'puts the kind into the error envelope that its clients know.',
    '',
    '| kind | status | what follows | hurts health | log level | meaning |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function kinds(): readonly ErrorKind[] {
  return Object.keys(ERROR_KINDS).filter((key): key is ErrorKind => key in ERROR_KINDS);
}
