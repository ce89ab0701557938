import type { ToolCallPart } from '../../spec/generate.ts';

/** What the model would say if nothing limited it. */
export type Draft =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'calls'; readonly calls: readonly ToolCallPart[] };
