import { VERSION } from '../../compose/version.ts';
import { print, printJson } from '../terminal.ts';

/** `bellwether version`. */
export function version({ json }: { readonly json?: boolean }): void {
  const { node, sqlite } = process.versions;
  if (json)
    printJson({
      version: VERSION,
      node,
      sqlite: sqlite ?? null,
      platform: process.platform,
      arch: process.arch,
    });
  else print(`bellwether ${VERSION} (Node ${node}, ${process.platform} ${process.arch})`);
}
