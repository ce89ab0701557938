import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { PENDING } from './invariants/table.ts';
import { PLANTS } from './planted/plants.ts';

const run = promisify(execFile);
const FOLDER = path.join(import.meta.dirname, 'planted');

async function hunt(
  index: number,
): Promise<{ readonly found: { readonly seed: number; readonly id: string } | null }> {
  const args = ['--import', path.join(FOLDER, 'plant-hook.ts'), path.join(FOLDER, 'hunt.ts')];
  const { stdout } = await run(process.execPath, args, {
    env: { ...process.env, BELLWETHER_PLANT: String(index) },
  });
  return JSON.parse(stdout);
}

// The test of the tests: each of these bugs was, or could have been, a real one, and must not pass.
describe('a bug that is put in on purpose is caught by the simulation', () => {
  PLANTS.forEach(({ name, caughtBy }, index) => {
    // What is violated without the bug too shows nothing.
    const usable = caughtBy.filter((id) => PENDING[id] === undefined);
    it.skipIf(usable.length === 0)(`the gateway that ${name}`, { timeout: 300_000 }, async () => {
      const { found } = await hunt(index);
      expect(found, `no seed shows it; it should violate ${caughtBy.join(' or ')}`).not.toBeNull();
      expect(usable).toContain(found?.id);
    });
  });
});
