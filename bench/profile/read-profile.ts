import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../../scripts/tool.ts';

/** A `.cpuprofile` file as V8 writes it, as far as it is read here. */
interface ProfileFile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
  /** Microseconds of the monotonic clock, the same that `process.hrtime` reads. */
  readonly startTime: number;
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
  };
  readonly children?: readonly number[];
  readonly positionTicks?: readonly { readonly line: number; readonly ticks: number }[];
}

const SOURCES = `${pathToFileURL(path.join(ROOT, 'src')).href}/`;

/** A stretch of the monotonic clock, in microseconds. */
export interface Window {
  readonly fromUs: number;
  readonly toUs: number;
}

/** What one function took of the busy time, as shares of 1. */
export interface FunctionCost {
  readonly name: string;
  /** Source file below the root of the package, or Node's own module; empty for native code. */
  readonly file: string;
  readonly line: number;
  readonly self: number;
  /** With everything that it called. */
  readonly total: number;
}

/** Time of the main thread in a window, by function, costliest first. */
export interface Profile {
  /** Share of the window in which the thread was not idle. */
  readonly busy: number;
  readonly functions: readonly FunctionCost[];
  /** The costliest lines of the sources with their share of all samples, over the whole run. */
  readonly lines: readonly (readonly [place: string, share: number])[];
}

/** Reads the profile of the busiest thread from a folder, for the time of a window. */
export function readProfile(folder: string, window: Window): Profile {
  const profiles = readdirSync(folder)
    .filter((name) => name.endsWith('.cpuprofile'))
    .map((name) => costs(JSON.parse(readFileSync(path.join(folder, name), 'utf8')), window));
  const [busiest] = profiles.toSorted((a, b) => b.busy - a.busy);
  if (busiest === undefined) throw new Error(`no profile was written to ${folder}`);
  return busiest;
}

function costs(file: ProfileFile, window: Window): Profile {
  const selfUs = selfTimes(file, window);
  const nodes = new Map(file.nodes.map((node) => [node.id, node]));
  const parents = new Map(
    file.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  );
  const sums = new Map<string, { self: number; total: number; node: ProfileNode }>();
  let busyUs = 0;
  for (const [id, us] of selfUs) {
    const node = nodes.get(id);
    if (node === undefined || node.callFrame.functionName === '(idle)') continue;
    busyUs += us;
    const counted = new Set<string>();
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const each = nodes.get(at);
      if (each === undefined || counted.has(keyOf(each))) continue;
      counted.add(keyOf(each));
      const sum = sums.get(keyOf(each)) ?? { self: 0, total: 0, node: each };
      sums.set(keyOf(each), sum);
      sum.total += us;
      if (at === id) sum.self += us;
    }
  }
  const functions = [...sums.values()].map(({ self, total, node }) =>
    cost(node, self / busyUs, total / busyUs),
  );
  return {
    busy: busyUs / (window.toUs - window.fromUs),
    functions: functions.toSorted((a, b) => b.self - a.self),
    lines: lineCosts(file),
  };
}

function selfTimes({ samples, timeDeltas, startTime }: ProfileFile, window: Window): Map<number, number> {
  const times = new Map<number, number>();
  let now = startTime;
  samples.forEach((id, index) => {
    now += timeDeltas[index] ?? 0;
    // A delta is the time before its sample; the function on top is the one that the next delta belongs to.
    const us = timeDeltas[index + 1] ?? 0;
    if (now >= window.fromUs && now < window.toUs) times.set(id, (times.get(id) ?? 0) + us);
  });
  return times;
}

// V8 counts samples by line for the whole run only, not by time.
function lineCosts({ nodes }: ProfileFile): Profile['lines'] {
  const sums = new Map<string, number>();
  let all = 0;
  for (const { callFrame, positionTicks = [] } of nodes) {
    if (callFrame.functionName === '(idle)') continue;
    for (const { line, ticks } of positionTicks) {
      all += ticks;
      if (!callFrame.url.startsWith(SOURCES)) continue;
      const place = `${callFrame.url.replace(SOURCES, 'src/')}:${line}`;
      sums.set(place, (sums.get(place) ?? 0) + ticks);
    }
  }
  return [...sums].map(([place, ticks]) => [place, ticks / all] as const).toSorted((a, b) => b[1] - a[1]);
}

function keyOf({ callFrame }: ProfileNode): string {
  return `${callFrame.functionName} ${callFrame.url} ${callFrame.lineNumber}`;
}

function cost({ callFrame }: ProfileNode, self: number, total: number): FunctionCost {
  return {
    name: callFrame.functionName === '' ? '(anonymous)' : callFrame.functionName,
    file: callFrame.url.replace(SOURCES, 'src/').replace(/^file:\/\/.*\/node_modules\//, ''),
    line: callFrame.lineNumber + 1,
    self,
    total,
  };
}
