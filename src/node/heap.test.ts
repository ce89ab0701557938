import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const module = fileURLToPath(new URL('./heap.ts', import.meta.url));

/** Fills the young generation with what survives for a while, and tells how many bytes it had at most. */
function youngBytes(prepare: string): number {
  const script = `
    import { getHeapSpaceStatistics } from 'node:v8';
    import { growWithLoad, startSmall } from ${JSON.stringify(module)};
    ${prepare}
    const young = () => getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size;
    const kept = [];
    let largest = 0;
    for (let turn = 0; turn < 300; turn += 1) {
      for (let i = 0; i < 10_000; i += 1) kept[i] = { turn, i, text: [turn, i] };
      largest = Math.max(largest, young());
      await new Promise((resolve) => setImmediate(resolve));
    }
    process.stdout.write(String(largest));`;
  const result = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  return Number(result.stdout);
}

it('keeps the young generation small until the program serves, and lets it grow then', () => {
  const small = youngBytes('startSmall();');
  const serving = youngBytes('startSmall(); growWithLoad();');
  expect(serving).toBeGreaterThan(small);
});
