// A process that works on a queue and is killed at a crash point, its n-th or the first of a name:
// child.ts FOLDER POINT MARKER... (POINT "never": it works to the end, on a database with a thread of its own).
import { playSession } from './session.ts';

const [folder = '', killAt = 'never', ...markers] = process.argv.slice(2);
let passed = 0;

const points = await playSession({
  folder,
  markers,
  thread: killAt === 'never',
  point: (name) => {
    passed += 1;
    if (name === killAt || String(passed) === killAt) process.kill(process.pid, 'SIGKILL');
  },
});
process.stdout.write(`${points}\n`);
process.exit(0);
