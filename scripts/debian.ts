import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Whether the packages are there now; where not, why, in words for the person who runs this. */
export type DebianResult =
  | { readonly type: 'ready' }
  | { readonly type: 'missing'; readonly packages: readonly string[]; readonly reason: string };

/** Makes sure of Debian packages: installs what is missing where this is root on Debian, else says what to install. */
export function ensureDebian(packages: readonly string[]): DebianResult {
  if (!existsSync('/etc/debian_version')) {
    return {
      type: 'missing',
      packages,
      reason: `this is not Debian; install by hand: ${packages.join(' ')}`,
    };
  }
  const missing = packages.filter((name) => !isInstalled(name));
  if (missing.length === 0) return { type: 'ready' };
  if (process.getuid?.() !== 0) {
    return { type: 'missing', packages: missing, reason: `run: sudo apt-get install ${missing.join(' ')}` };
  }
  console.log(`Installing Debian packages: ${missing.join(' ')}…`);
  const failure = aptInstall(missing);
  return failure === null ? { type: 'ready' } : { type: 'missing', packages: missing, reason: failure };
}

function isInstalled(name: string): boolean {
  const query = spawnSync('dpkg-query', ['-W', '-f=${Status}', name], { encoding: 'utf8' });
  return query.status === 0 && query.stdout.endsWith(' installed');
}

// Package lists of a fresh image are empty, so they are fetched when the first try fails. Null when all went well.
function aptInstall(packages: readonly string[]): string | null {
  const install = ['install', '--yes', '--no-install-recommends', ...packages];
  if (apt(install).ok) return null;
  const updated = apt(['update']);
  if (!updated.ok) return `apt-get update failed: ${updated.lastLine}`;
  const installed = apt(install);
  return installed.ok ? null : `apt-get install failed: ${installed.lastLine}`;
}

function apt(args: readonly string[]): { readonly ok: boolean; readonly lastLine: string } {
  const run = spawnSync('apt-get', args, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return { ok: run.status === 0, lastLine: (run.stderr ?? '').trim().split('\n').at(-1) ?? '' };
}
