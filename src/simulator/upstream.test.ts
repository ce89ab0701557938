import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findModel, indexModels } from '../catalog/lookup.ts';
import { readModels } from '../catalog/rows.ts';
import { isObject, parseJsonOr } from '../base/json.ts';
import { generateRequest, SEED } from '../protocols/testing/arbitraries.ts';
import {
  EFFORTS,
  type GenerateRequest,
  type OutputFormat,
  type Tool,
  type ToolChoice,
} from '../spec/generate.ts';
import { NO_QUIRKS, type Quirks } from '../spec/provider.ts';
import { traitsOf } from './models.ts';
import { firstRefusal } from './rules/rule.ts';
import type { WireName } from './settings.ts';
import { TEST_SIGN } from './testing/describe-rules.ts';
import { WIRES } from './wires.ts';

const MODELS: readonly (readonly [
  wire: WireName,
  provider: string,
  model: string,
  quirks: Partial<Quirks>,
])[] = [
  ['chat', 'openai', 'gpt-4.1', { maxTokensField: 'max_completion_tokens' }],
  ['chat', 'openai', 'gpt-5-mini', { maxTokensField: 'max_completion_tokens' }],
  ['messages', 'anthropic', 'claude-sonnet-4-5', {}],
  ['messages', 'anthropic', 'claude-opus-4-8', {}],
  ['generate-content', 'gemini', 'gemini-2.5-flash', {}],
  ['generate-content', 'gemini', 'gemini-3-pro-preview', {}],
];

// Two independent readings of the same documentation: what the codecs send towards a model must keep the rules that the
// simulator enforces for it, whatever history and settings a client of another wire brings.
describe('requests that the codecs make for a model', () => {
  it.each(MODELS)('keep the rules of the %s wire of %s for %s', (wire, provider, model, quirks) => {
    const { protocol, rules } = WIRES[wire];
    const found = findModel(catalogue(provider), model);
    if (found === null) throw new Error(`${model} is not in the catalogue of ${provider}`);
    const target = { model, capabilities: found.capabilities, quirks: { ...NO_QUIRKS, ...quirks } };
    const refusals = new Set<string>();
    fc.assert(
      fc.property(requests(), (request) => {
        const { body } = protocol.upstream.encodeRequest(request, target);
        if (!isObject(body)) throw new Error('the body is no object');
        const refusal = firstRefusal(rules, { body, model, traits: traitsOf(model), sign: TEST_SIGN });
        if (refusal !== null) refusals.add(refusal.message);
      }),
      { seed: SEED, numRuns: 300 },
    );
    expect([...refusals]).toEqual([]);
  });
});

// Beyond what every wire can say: reasoning, forced tools, long names, schemas with every keyword, many stop strings.
function requests(): fc.Arbitrary<GenerateRequest> {
  const more = fc.record(
    {
      maxOutputTokens: fc.integer({ min: 1, max: 9000 }),
      stop: fc.array(fc.constantFrom('END', '###', '\n', ' ', 'a', 'b'), { minLength: 1, maxLength: 7 }),
      reasoning: fc.oneof(
        fc.constantFrom(...EFFORTS).map((effort) => ({ effort })),
        fc.integer({ min: 1, max: 40_000 }).map((budgetTokens) => ({ budgetTokens })),
        fc.constant({ adaptive: true, visible: true }),
      ),
      output: fc.constantFrom<OutputFormat>(
        { type: 'json' },
        { type: 'json-schema', name: 'reply', schema: SCHEMA },
      ),
      toolChoice: fc.constantFrom<ToolChoice>({ type: 'auto' }, { type: 'none' }, { type: 'required' }),
      parallelToolCalls: fc.boolean(),
      temperature: fc.constantFrom(0, 0.7, 1, 1.5, 2),
    },
    { requiredKeys: [] },
  );
  const tools = fc.subarray([tool('short_name'), tool(`long_${'n'.repeat(95)}`), tool('dotted.name')]);
  return fc
    .tuple(generateRequest('elsewhere'), more, tools)
    .map(([request, settings, offered]) => ({ ...request, ...settings, tools: offered }));
}

const SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  properties: {
    count: { type: 'integer', exclusiveMinimum: 0, multipleOf: 2 },
    kind: { const: 'x' },
    inner: { type: 'object', properties: { a: { oneOf: [{ type: 'string' }, { type: 'null' }] } } },
  },
  required: ['count'],
};

function tool(name: string): Tool {
  return { type: 'function', name, inputSchema: SCHEMA };
}

function catalogue(provider: string): ReturnType<typeof indexModels> {
  const file = path.join(import.meta.dirname, '..', 'providers', provider, 'models.json');
  return indexModels(readModels(parseJsonOr(readFileSync(file, 'utf8'), null), provider));
}
