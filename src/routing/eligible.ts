import type { Capabilities } from '../spec/model.ts';
import type { RequestFacts } from './facts.ts';
import type { Target } from './target.ts';

/** A target that cannot serve a request, and why, in words for `explain` and the request log. */
export interface Skipped {
  readonly target: Target;
  readonly reason: string;
}

/** Targets by whether they can serve a request. */
export interface Eligibility {
  readonly eligible: readonly Target[];
  readonly skipped: readonly Skipped[];
}

/**
 * Parts targets into those that can serve a request and those that cannot. A target that can only emulate what is asked
 * (an answer held to a JSON Schema) stays eligible but goes behind those that do it natively.
 */
export function eligible(targets: readonly Target[], facts: RequestFacts): Eligibility {
  const able: Target[] = [];
  const emulating: Target[] = [];
  const skipped: Skipped[] = [];
  for (const target of targets) {
    const reason = obstacle(target, facts);
    if (reason !== null) skipped.push({ target, reason });
    else if (facts.jsonSchema && !target.capabilities.structuredOutput) emulating.push(target);
    else able.push(target);
  }
  return { eligible: [...able, ...emulating], skipped };
}

/** Why this target cannot serve the request; null where it can. */
export function obstacle(target: Target, facts: RequestFacts): string | null {
  const { capabilities } = target;
  const window = capabilities.contextTokensMax;
  if (window !== null && facts.inputTokens > window) {
    return `its context window of ${window} tokens is too small for a prompt of about ${facts.inputTokens}`;
  }
  for (const need of NEEDS) {
    if (facts[need.fact] && !capabilities[need.fact]) return need.reason;
  }
  if (facts.manyCandidates && target.protocol !== facts.protocol) {
    return 'more than one answer (n) can only come from a target that speaks the same API as the client';
  }
  return null;
}

/** Which facts of a request could pass some target over; nothing else about a request needs to be known. */
export interface Concerns {
  /** The smallest context window; null where none is known. */
  readonly window: number | null;
  readonly tools: boolean;
  readonly image: boolean;
  readonly pdf: boolean;
  readonly audio: boolean;
  readonly video: boolean;
  readonly jsonSchema: boolean;
}

/** What planning over these targets has to look at. */
export function concernsOf(targets: readonly Target[]): Concerns {
  const lacks = (need: keyof Capabilities): boolean =>
    targets.some(({ capabilities }) => !capabilities[need]);
  const windows = targets.flatMap(({ capabilities }) => capabilities.contextTokensMax ?? []);
  return {
    window: windows.length === 0 ? null : Math.min(...windows),
    tools: lacks('tools'),
    image: lacks('image'),
    pdf: lacks('pdf'),
    audio: lacks('audio'),
    video: lacks('video'),
    jsonSchema: lacks('structuredOutput'),
  };
}

const NEEDS = [
  { fact: 'tools', reason: 'it cannot call tools' },
  { fact: 'image', reason: 'it cannot read images' },
  { fact: 'pdf', reason: 'it cannot read PDF documents' },
  { fact: 'audio', reason: 'it cannot hear audio' },
  { fact: 'video', reason: 'it cannot see video' },
] as const;
