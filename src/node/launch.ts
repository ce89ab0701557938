import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { startSmall } from './heap.ts';

/**
 * Makes the start of a program short and small. To be called before the rest of it is loaded: compiled code is kept from one
 * start to the next in the folder of the package, where nobody can put any who could not change the program itself; where
 * that folder cannot be written, nothing is kept and nothing is said.
 */
export function launch(packageFolder: URL): void {
  startSmall();
  // Node's own variable may choose another folder; empty is as good as missing, not the working folder.
  const chosen = process.env['NODE_COMPILE_CACHE'] ?? '';
  enableCompileCache(chosen === '' ? fileURLToPath(new URL(CACHE, packageFolder)) : chosen);
}

const CACHE = 'node_modules/.cache/compiled/';
