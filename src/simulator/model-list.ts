import type { Json } from '../base/json.ts';
import { LISTED } from './models.ts';
import type { WireName } from './settings.ts';

/** The list of models in the form of its wire. */
export function modelList(wire: WireName, extra: readonly string[]): Json {
  return FORMS[wire]([...extra, ...LISTED[wire].filter((name) => !extra.includes(name))]);
}

/** 1 January 2025: the models of the list have no dates of their own. */
const CREATED_AT_S = 1_735_689_600;

const FORMS: { readonly [wire in WireName]: (names: readonly string[]) => Json } = {
  chat: (names) => ({
    object: 'list',
    data: names.map((id) => ({ id, object: 'model', created: CREATED_AT_S, owned_by: 'simulator' })),
  }),
  messages: (names) => ({
    data: names.map((id) => ({ type: 'model', id, display_name: id, created_at: '2025-01-01T00:00:00Z' })),
    has_more: false,
    first_id: names[0] ?? null,
    last_id: names.at(-1) ?? null,
  }),
  'generate-content': (names) => ({
    models: names.map((name) => ({
      name: `models/${name}`,
      displayName: name,
      inputTokenLimit: 1_048_576,
      outputTokenLimit: 65_536,
      supportedGenerationMethods: ['generateContent', 'countTokens'],
    })),
  }),
};
