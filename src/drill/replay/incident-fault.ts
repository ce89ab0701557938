import { diceFrom } from '../../simulator/answer/dice.ts';
import type { Fault, FaultKind } from '../../simulator/faults/fault.ts';
import { faultNamed } from '../../simulator/faults/names.ts';
import { failingShare, type Incident, type ReplayMode, type ScopeClass } from './incident.ts';

/**
 * Faults of the simulator's catalogue that fit each class of incident. Each spoils every answer, streamed or whole: the
 * slow ones last longer than any caller waits.
 */
const FITTING: { readonly [scope in ScopeClass]: readonly [string, ...string[]] } = {
  all_models: ['down', '503', '500', '529', 'hang', 'reset', 'html', 'empty-body'],
  single_model: ['503', '529', '500', 'error-in-200', 'empty'],
  elevated_errors: [
    '500',
    '503',
    '504',
    'cut',
    'error-mid',
    'error-in-200',
    'reset',
    'reset-mid',
    'truncated',
  ],
  latency_or_degraded: ['hang', 'hang-mid', '504', 'slow:300000', 'dribble:1000'],
  side_feature: ['500', '503'],
  non_text_modality: ['500', '503', 'empty'],
  auth: ['401', '403'],
  billing: ['402', 'quota'],
  other: ['500', '503', '529', '429', 'reset', 'cut'],
};

const SLOWER_MS = { least: 2_000, most: 10_000 };

/**
 * The fault that a provider has during an incident, drawn by the seed: always the same one for the same incident. In the
 * weighted mode it meets a share of the requests, and latency delays the first token of all of them by 2 to 10 s.
 */
export function faultOfIncident(incident: Incident, mode: ReplayMode, seed: number): Fault {
  const dice = diceFrom(`${seed}/fault/${incident.service}/${incident.id}/${incident.startMs}`);
  const share = failingShare(incident, mode);
  if (share === 0) {
    const delayMs = Math.round(SLOWER_MS.least + dice.next() * (SLOWER_MS.most - SLOWER_MS.least));
    return { kind: { type: 'slow-first-token', delayMs } };
  }
  return { kind: named(dice.pick(FITTING[incident.scope])), share };
}

function named(name: string): FaultKind {
  const kind = faultNamed(name);
  if (kind === null) throw new Error(`the simulator has no fault "${name}"`);
  return kind;
}
