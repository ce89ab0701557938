import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureDebian } from './debian.ts';
import { ROOT, toolEnvironment } from './tool.ts';

/** Suites that need programs of the operating system, and the Debian packages that bring them. */
const NEEDS: readonly { readonly suite: string; readonly packages: readonly string[] }[] = [];

const selected = process.argv.slice(2);
announce();
const outcome = runVitest(selected);
console.log(`${outcome.passed} passed, ${outcome.failed} failed, ${outcome.skipped} skipped`);
process.exitCode = outcome.exitCode;

function announce(): void {
  const what = selected.length === 0 ? 'all tests and static checks' : `tests in ${selected.join(', ')}`;
  console.log(`Running ${what} on Node ${process.versions.node}.`);
  if (!existsSync(path.resolve(ROOT, '../shared'))) {
    console.log(
      'Suites that replay recorded provider traffic are skipped: the folder ../shared is not there.',
    );
  }
  for (const { suite, packages } of selected.length === 0 ? NEEDS : []) {
    const result = ensureDebian(packages);
    if (result.type === 'missing') console.log(`The suite ${suite} is skipped: ${result.reason}.`);
  }
}

interface Outcome extends Counts {
  readonly exitCode: number;
}

function runVitest(paths: readonly string[]): Outcome {
  const folder = mkdtempSync(path.join(tmpdir(), 'bellwether-test-'));
  const report = path.join(folder, 'report.json');
  const vitest = path.join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  try {
    const run = spawnSync(
      process.execPath,
      [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...paths],
      { cwd: ROOT, env: toolEnvironment(), stdio: 'inherit' },
    );
    return { ...counts(report), exitCode: run.status ?? 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

// A file that cannot even be loaded has no tests to count, yet it is a failure.
function counts(reportFile: string): Counts {
  if (!existsSync(reportFile)) return { passed: 0, failed: 1, skipped: 0 };
  const report: Report = JSON.parse(readFileSync(reportFile, 'utf8'));
  const unloadable = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloadable.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
