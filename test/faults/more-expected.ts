import {
  ANSWERED,
  BROKEN_OFF,
  CALLERS,
  FAILED,
  GARBLED,
  OVERLOADED,
  TOO_LATE,
  type Expected,
} from './expected.ts';

/** What is expected of the faults besides the catalogue. */
export const MORE_EXPECTED: { readonly [id: string]: Expected | undefined } = {
  'slow-head': { outcome: ANSWERED },
  'head-never-ends': { outcome: TOO_LATE },
  'half-closed-body': { outcome: BROKEN_OFF, begun: true },
  'stops-within-a-chunk': { outcome: BROKEN_OFF, begun: true },
  'reset-within-a-chunk': { outcome: FAILED, begun: true },
  'bad-chunk-size': { outcome: GARBLED, begun: true },
  'length-too-short': { outcome: GARBLED },
  'not-http': { outcome: GARBLED },
  'echoes-the-key': { outcome: CALLERS },
  'error-after-start-up': { outcome: FAILED, on: { messages: OVERLOADED, gemini: OVERLOADED } },
  'error-in-the-middle': {
    outcome: FAILED,
    on: { messages: OVERLOADED, gemini: OVERLOADED },
    begun: true,
    whole: GARBLED,
  },
};

/** After how many bytes a good answer is cut: within the start-up events, in the text, in the finish. */
export const CUTS: readonly number[] = [0, 1, 40, 150, 400, 600, 900, 1300];

/** A cut comes before content, within it, or too late to matter. */
export const CUT: Expected = {
  outcome: BROKEN_OFF,
  among: ['upstream_broken_off', 'upstream_unavailable', null],
  begun: true,
};
