import { CUT_STREAMS } from './cut-streams.ts';
import { RATE_LIMIT_STORM } from './rate-limit-storm.ts';
import { TWELVE_HOUR_OUTAGE } from './twelve-hour-outage.ts';

/** The scenarios that come along, by name: files as anybody could write them, to be run or copied. */
export const SCENARIOS: { readonly [name: string]: string } = {
  'twelve-hour-outage': TWELVE_HOUR_OUTAGE,
  'rate-limit-storm': RATE_LIMIT_STORM,
  'cut-streams': CUT_STREAMS,
};
