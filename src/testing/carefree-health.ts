import { READY, type Baseline, type HealthCall, type Standing, type TargetHealth } from '../spec/health.ts';

const NOTED: HealthCall = { firstToken() {}, end() {} };

/** A memory of targets that remembers nothing: everything is always well. */
export const CAREFREE: TargetHealth = {
  standing(): Standing {
    return READY;
  },
  mayRetry(): boolean {
    return true;
  },
  begin(): HealthCall {
    return NOTED;
  },
  baseline(): Baseline | null {
    return null;
  },
  prefill(): boolean | null {
    return null;
  },
  learnPrefill() {},
};
