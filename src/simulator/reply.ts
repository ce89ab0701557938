import type { Json } from '../base/json.ts';
import type { Refusal } from './refusal.ts';

/** A plain JSON answer, or the refusal that came out instead. */
export type Reply =
  | { readonly type: 'json'; readonly body: Json }
  | { readonly type: 'refused'; readonly refusal: Refusal };
