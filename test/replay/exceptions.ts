import { readFileSync } from 'node:fs';
import path from 'node:path';

/** A finding that is accepted, and why. */
export interface Exception {
  readonly recording: string;
  /** Id of the client's wire, or `any`. */
  readonly client: string;
  readonly aspect: string;
  readonly reason: string;
}

/** The accepted findings, committed beside the test. */
export function readExceptions(): readonly Exception[] {
  const text = readFileSync(path.join(import.meta.dirname, 'exceptions.json'), 'utf8');
  return JSON.parse(text) as readonly Exception[];
}
