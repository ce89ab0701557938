import { ERROR_KINDS, ruleOf, type ErrorKind, type ErrorRule } from '../../src/spec/error.ts';
import { escapeCell, generatedNotice } from './markdown.ts';

const NEXT: Record<ErrorRule['next'], string> = {
  stop: 'the caller is told at once',
  'same-target': 'the next target; where none is left, once more here after a short wait',
  'other-key': 'another key of the same provider, then the next target',
  'other-target': 'the next target',
};

const PARKS: Record<ErrorRule['parks'], string> = {
  nothing: '',
  target: 'this model under this key',
  key: 'this key, for all models',
};

/** The reference page of error kinds, from the one table that decides about them. */
export function errorsPage(): string {
  const all = kinds().map((kind) => ({ kind, rule: ruleOf(kind) }));
  const gateways = all.filter(({ rule }) => !isAboutProviders(rule));
  const providers = all.filter(({ rule }) => isAboutProviders(rule));
  return [
    '# Error kinds',
    '',
    generatedNotice('src/spec/error.ts'),
    '',
    'Every failure has one kind. The kind decides the HTTP status that a client receives when it ends the request, what',
    "the gateway tries next, what it leaves alone for a while, whether it counts against the target's health, and how",
    'loudly it is logged. Each protocol puts the kind into the error envelope that its clients know. What a provider said',
    'is read by its structure (status, type, code, reason) before its words, in the envelope of any provider.',
    '',
    '## Told to the caller',
    '',
    'The request ends with these: nobody else would answer it better.',
    '',
    '| kind | status | log level | meaning |',
    '|---|---|---|---|',
    ...gateways.map(({ kind, rule }) => row([`\`${kind}\``, rule.status, rule.level, rule.meaning])),
    '',
    '## Failures of one target',
    '',
    'The caller hears of these only when no target is left; the status is what it gets then.',
    '',
    '- **What is tried next** is bounded by the deadline of the request and by the retry budget. Nothing is sent to a target',
    '  again under the same key before every other target was asked.',
    '- **Left alone** is what gets no requests until the provider says that it may be called again (`retry-after` in its',
    '  forms, the resets of its limits, or the wait in the body), or for a time of our own where it does not say. It is kept',
    '  apart from health: a busy provider is not a broken one.',
    "- **Health**: whether it counts against the target's circuit, which opens after several such failures.",
    '',
    '| kind | status | what is tried next | left alone | health | log level | meaning |',
    '|---|---|---|---|---|---|---|',
    ...providers.map(({ kind, rule }) =>
      row([
        `\`${kind}\``,
        rule.status,
        NEXT[rule.next],
        PARKS[rule.parks],
        rule.hurts ? 'counts' : '',
        rule.level,
        rule.meaning,
      ]),
    ),
    '',
  ].join('\n');
}

function isAboutProviders({ next, hurts, parks }: ErrorRule): boolean {
  return next !== 'stop' || hurts || parks !== 'nothing';
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.map((cell) => escapeCell(String(cell))).join(' | ')} |`;
}

function kinds(): readonly ErrorKind[] {
  return Object.keys(ERROR_KINDS).filter((key): key is ErrorKind => key in ERROR_KINDS);
}
