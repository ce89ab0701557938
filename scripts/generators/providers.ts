import { PROVIDERS } from '../../src/providers/index.ts';
import type { ProviderDefinition, Quirks } from '../../src/spec/provider.ts';
import { escapeCell, generatedNotice } from './markdown.ts';

/** The reference page of provider kinds: address, key, wire, and where each differs from the wire's owner. */
export function providersPage(): string {
  return [
    '# Kinds of providers',
    '',
    generatedNotice('src/providers/'),
    '',
    'What `kind` may be, in the order in which providers found in the environment serve the preset models. How to configure',
    'them is told in [the guide](../guide/providers.md).',
    '',
    '| `kind` | name | variable with a key | address | wire | serves the preset models |',
    '|---|---|---|---|---|---|',
    ...PROVIDERS.map(kindRow),
    '',
    '## Where they differ',
    '',
    'The gateway knows these differences and translates; you need not do anything about them. Kinds that are not listed here',
    'behave exactly as their wire is documented.',
    '',
    '| `kind` | what is special |',
    '|---|---|',
    ...PROVIDERS.flatMap(quirkRow),
    '',
  ].join('\n');
}

function kindRow({
  kind,
  name,
  environment,
  keyless,
  baseUrl,
  protocol,
  presets,
}: ProviderDefinition): string {
  const variables = environment.map((variable) => `\`${variable}\``).join(', ');
  const key = variables || (keyless ? 'needs no key' : 'any, by `key`');
  const address = baseUrl === null ? 'give `base_url`' : `\`${baseUrl}\``;
  const served = Object.keys(presets ?? {})
    .map((model) => `\`${model}\``)
    .join(', ');
  return `| \`${kind}\` | ${escapeCell(name)} | ${key} | ${address} | \`${protocol}\` | ${served} |`;
}

function quirkRow({ kind, quirks, baseUrl }: ProviderDefinition): readonly string[] {
  // A simulated provider has the quirks of the one that it imitates.
  const words = baseUrl?.startsWith('simulated:') ? [] : quirkWords(quirks);
  return words.length === 0 ? [] : [`| \`${kind}\` | ${escapeCell(words.join('; '))} |`];
}

function quirkWords(quirks: Quirks): readonly string[] {
  const words: (string | false)[] = [
    quirks.systemRole === 'developer' && 'system prompts are sent in the role `developer`',
    quirks.maxTokensField === 'max_completion_tokens' && '`max_tokens` is sent as `max_completion_tokens`',
    quirks.streamUsage === 'unasked' && 'usage comes in streams without being asked for',
    quirks.reasoningField !== null && `earlier reasoning is sent back as \`${quirks.reasoningField}\``,
    quirks.reasoningOutsideCompletion && 'reasoning tokens are counted besides `completion_tokens`',
    quirks.toolCallIds === 'nine-alphanumeric' && 'tool call ids are rewritten to nine letters and digits',
    quirks.jsonSchema === 'json-mode' && 'JSON Schemas are asked for in the prompt, with JSON mode',
    quirks.jsonSchema === 'none' && 'JSON Schemas are asked for in the prompt',
    quirks.cacheControl && '`cache_control` is passed on',
    quirks.signedState !== undefined && `signed state of reasoning is sent back as \`${quirks.signedState}\``,
    quirks.refusedFields.length > 0 &&
      `left out, with a warning: ${quirks.refusedFields.map((field) => `\`${field}\``).join(', ')}`,
  ];
  return words.filter((word) => word !== false);
}
