import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../scripts/tool.ts';

/** Where everything lies that a run needs and nobody keeps. */
export const SCRATCH = path.join(ROOT, 'bench', '.scratch');

/** An empty folder in the scratch space, for one program's files. */
export function freshFolder(name: string): string {
  const folder = path.join(SCRATCH, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** The processor of the program under test, and that of everything else. */
export const CPU = { underTest: 1, rest: 0 } as const;
