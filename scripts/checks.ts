import { build } from './build.ts';
import { runTool, type ToolResult } from './tool.ts';

/** One static check: what it looks for, in a word or two, and how it is run. */
export interface Check {
  readonly name: string;
  readonly run: () => Promise<ToolResult>;
}

/** The static checks. `npm run check` and test/static.test.ts run the same list; nothing else gates a change. */
export const CHECKS: readonly Check[] = [
  { name: 'types', run: () => runTool('tsc', '-p', 'tsconfig.json') },
  { name: 'types of the pure folders', run: () => runTool('tsc', '-p', 'tsconfig.pure.json') },
  { name: 'lint', run: () => runTool('oxlint', '--type-aware', '--deny-warnings') },
  { name: 'format', run: () => runTool('oxfmt', '--check') },
  { name: 'unused code', run: () => runTool('knip', '--no-progress') },
  { name: 'package', run: checkPackage },
];

// publint reads what would be published, so the package is built first.
async function checkPackage(): Promise<ToolResult> {
  const built = await build();
  return built.ok ? runTool('publint', '--strict') : built;
}
