import type { Effort } from './generate.ts';

/** What a model can take and do. Facts of the catalogue, corrected by the operator; codecs and eligibility read them. */
export interface Capabilities {
  /** Longest prompt plus answer in tokens; null where unknown. */
  readonly contextTokensMax: number | null;
  readonly outputTokensMax: number | null;
  readonly image: boolean;
  readonly pdf: boolean;
  readonly audio: boolean;
  readonly video: boolean;
  readonly tools: boolean;
  /** Whether answers can be held to a JSON Schema natively. */
  readonly structuredOutput: boolean;
  readonly reasoning: ReasoningCapability;
  /** `free`: any sampling field. `one-of`: temperature or top_p but not both. `none`: the model refuses both. */
  readonly sampling: 'free' | 'one-of' | 'none';
  /** Whether a last assistant message is continued (prefill). Null where nobody has tried. */
  readonly prefill: boolean | null;
  /** Whether a system message may stand after the first turn, on wires where only some models take that; missing: unknown. */
  readonly midConversationSystem?: boolean;
}

/** How, and how far, a model's reasoning can be set. */
export type ReasoningCapability =
  | { readonly type: 'none' }
  /** The model reasons, but nothing can be set. */
  | { readonly type: 'fixed' }
  /** An effort word; `efforts` lists the accepted ones in rising order. */
  | { readonly type: 'effort'; readonly efforts: readonly Effort[] }
  /** A token budget within these bounds. */
  | { readonly type: 'budget'; readonly minTokens: number; readonly maxTokens: number | null }
  /** Anthropic's adaptive thinking together with an effort word. */
  | { readonly type: 'adaptive'; readonly efforts: readonly Effort[] };

/** Capabilities of a model about which nothing is known: everything common is tried, nothing is limited. */
export const UNKNOWN_CAPABILITIES: Capabilities = {
  contextTokensMax: null,
  outputTokensMax: null,
  image: true,
  pdf: true,
  audio: true,
  video: true,
  tools: true,
  structuredOutput: true,
  reasoning: { type: 'fixed' },
  sampling: 'free',
  prefill: null,
};
