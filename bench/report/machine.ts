import { cpus, loadavg, release, totalmem, type } from 'node:os';

/** The machine and how busy it is, in one line. */
export function machineLine(): string {
  const all = cpus();
  const model = all[0]?.model.trim() ?? 'unknown processor';
  const gigabytes = (totalmem() / 1024 ** 3).toFixed(0);
  const load = loadavg()
    .map((each) => each.toFixed(1))
    .join(' ');
  return `${all.length} x ${model}, ${gigabytes} GB, ${type()} ${release()}, load average ${load}`;
}
