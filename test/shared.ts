import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'vitest';
import { ROOT } from '../scripts/tool.ts';

/** Absolute path of something in ../shared, the folder of recorded traffic and public schemas beside the repository. */
export function sharedPath(...parts: readonly string[]): string {
  return path.resolve(ROOT, '..', 'shared', ...parts);
}

/** Whether that folder is there. */
export function hasShared(): boolean {
  return existsSync(sharedPath('fixtures', 'index.jsonl'));
}

/**
 * A suite that reads ../shared. Where the folder is absent it is skipped with a printed reason; with CI=true it fails
 * instead, because a check that reads nothing must not be green.
 */
export function describeShared(name: string, suite: () => void): void {
  if (hasShared()) {
    describe(name, suite);
    return;
  }
  const reason = `the folder ${sharedPath()} is not there`;
  if (process.env['CI'] === 'true')
    throw new Error(`${name}: ${reason}, and with CI=true nothing is skipped.`);
  process.stderr.write(`Skipped: ${name} (${reason}).\n`);
  describe(name, () => {
    // oxlint-disable-next-line vitest/no-disabled-tests, vitest/expect-expect -- stands for the suite in the count of skipped tests
    it.skip('reads ../shared', () => undefined);
  });
}
