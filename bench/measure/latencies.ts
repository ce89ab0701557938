import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { startChild } from '../child.ts';
import { CPU, SCRATCH } from '../places.ts';
import type { Latencies, Schedule } from './open-loop.ts';

const GENERATOR = path.join(import.meta.dirname, 'open-loop.ts');

/** Runs a schedule in a process of its own, on the processor that the program under test does not use. */
export async function measureLatencies(schedule: Schedule): Promise<Latencies> {
  const file = path.join(SCRATCH, 'schedule.json');
  writeFileSync(file, JSON.stringify(schedule));
  const output = await startChild([process.execPath, GENERATOR, file], { cpu: CPU.rest }).output;
  if (!output.startsWith('{')) throw new Error(`the generator failed: ${output}`);
  return JSON.parse(output);
}
