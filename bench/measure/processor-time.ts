import { readdirSync, readFileSync } from 'node:fs';

/** CPU time of a program with all of its threads and child processes, in milliseconds. */
export function processorTimeMs(pid: number): number {
  return family(pid).reduce((sum, each) => sum + ownTimeMs(each), 0);
}

/** Resident memory of a program with its child processes, in bytes. */
export function residentBytes(pid: number): number {
  return family(pid).reduce((sum, each) => {
    const kilobytes = /VmRSS:\s+(\d+)/.exec(read(`/proc/${each}/status`))?.[1];
    return sum + Number(kilobytes ?? 0) * 1024;
  }, 0);
}

/** What one processor did since the machine was started, in milliseconds. */
export interface ProcessorUse {
  readonly busyMs: number;
  /** Time in which the host gave the processor to somebody else. */
  readonly stolenMs: number;
}

/** Reads what one processor did. */
export function processorUse(cpu: number): ProcessorUse {
  const line = read('/proc/stat')
    .split('\n')
    .find((each) => each.startsWith(`cpu${cpu} `));
  const ticks = (line ?? '').split(' ').slice(1).map(Number);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = ticks;
  return { busyMs: (user + nice + system + irq + softirq) * TICK_MS, stolenMs: steal * TICK_MS };
}

// USER_HZ is 100 on every Linux that Node runs on.
const TICK_MS = 10;

// The first field of schedstat is the time on a processor, in nanoseconds, of one thread.
function ownTimeMs(pid: number): number {
  const threads = list(`/proc/${pid}/task`);
  return threads.reduce(
    (sum, thread) => sum + Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0] ?? 0) / 1e6,
    0,
  );
}

function family(pid: number): readonly number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).trim();
  return [pid, ...children.split(' ').filter(Boolean).map(Number).flatMap(family)];
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
