import { asArray, asNumber, asString, type Json } from '../../base/json.ts';
import type { Refusal } from '../refusal.ts';
import { either, listAt } from './generate-content-reading.ts';
import type { Rule } from './rule.ts';

/** Rules about the settings and tools of the generateContent wire. */
export const GENERATE_CONTENT_SETTING_RULES: readonly Rule[] = [
  {
    name: 'sampling fields are in range',
    check: ({ body }) => {
      const temperature = asNumber(either(configOf(body), 'temperature'));
      if (temperature === undefined || (temperature >= 0 && temperature <= 2)) return null;
      return bad(
        '* GenerateContentRequest.generation_config.temperature: temperature must be in the range [0.0, 2.0].\n',
      );
    },
  },
  {
    name: 'there are at most five stop sequences',
    check: ({ body }) => {
      const { length } = asArray(either(configOf(body), 'stopSequences'));
      if (length <= 5) return null;
      return bad(
        `* GenerateContentRequest.generation_config.stop_sequences: the number of stop sequences must be at most 5, but was ${length}.\n`,
      );
    },
  },
  { name: 'function names have at most 64 allowed characters', check: ({ body }) => nameFault(body) },
  {
    name: 'JSON mode and function calling exclude each other before Gemini 3',
    check: ({ body, model }) => {
      if (!/^gemini-[12]/.test(model) || functionsOf(body).length === 0) return null;
      const mimeType = asString(either(configOf(body), 'responseMimeType'));
      if (mimeType !== 'application/json') return null;
      return bad("Function calling with a response mime type: 'application/json' is unsupported");
    },
  },
  {
    name: 'thinking is set in one way that the model allows',
    check: ({ body, model }) => thinkingFault(body, model),
  },
];

function configOf(body: Json): Json | undefined {
  return either(body, 'generationConfig');
}

function functionsOf(body: Json): readonly { readonly place: string; readonly name: string }[] {
  return listAt(body, 'tools').flatMap((tool) =>
    listAt(tool.value, 'functionDeclarations').map(({ index, value }) => ({
      place: `tools[${tool.index}].function_declarations[${index}]`,
      name: asString(value['name']) ?? '',
    })),
  );
}

function nameFault(body: Json): Refusal | null {
  const wrong = functionsOf(body).find(({ name }) => !/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/.test(name));
  if (wrong === undefined) return null;
  return bad(
    `* GenerateContentRequest.${wrong.place}.name: Invalid function name. Must start with a letter or an underscore. Must be alphameric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 64.\n`,
  );
}

function thinkingFault(body: Json, model: string): Refusal | null {
  const thinking = either(configOf(body), 'thinkingConfig');
  const budget = asNumber(either(thinking, 'thinkingBudget'));
  if (budget === undefined) return null;
  if (either(thinking, 'thinkingLevel') !== undefined) {
    return bad('You can only set only one of thinking budget and thinking level.');
  }
  if (budget === 0 && model.startsWith('gemini-2.5-pro')) {
    return bad('Budget 0 is invalid. This model only works in thinking mode.');
  }
  return null;
}

function bad(message: string): Refusal {
  return { status: 400, message };
}
