import { styleText } from 'node:util';
import { CHECKS, type Check } from './checks.ts';

// Two at once: that is what a small machine has cores for, and each of these tools uses threads of its own.
const AT_ONCE = 2;

const waiting = [...CHECKS];
const failed: string[] = [];
await Promise.all(Array.from({ length: AT_ONCE }, work));
if (failed.length > 0) {
  console.log(`\nFailed: ${failed.join(', ')}.`);
  process.exitCode = 1;
}

async function work(): Promise<void> {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) await report(check);
}

async function report(check: Check): Promise<void> {
  const startedMs = performance.now();
  const result = await check.run();
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const word = result.ok ? styleText('green', 'ok') : styleText('red', 'failed');
  console.log(`${check.name}: ${word} (${seconds} s)`);
  if (result.ok) return;
  failed.push(check.name);
  console.log(result.output);
}
