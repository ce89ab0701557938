import { createNodeRuntime } from '../../../src/node/runtime.ts';
import { startSimulator } from '../../../src/server/simulate-server.ts';
import type { Pace } from '../../../src/simulator/settings.ts';

// A simulated provider as a process of its own, to be killed: prints its address once it listens.
const pace: Pace = JSON.parse(process.argv[2] ?? '');
const { runtime } = createNodeRuntime({ log: { level: 'silent' }, processLife: 'hold' });
const simulator = await startSimulator({ ...runtime, settings: { defaults: { pace } } });
process.stdout.write(`${simulator.url}\n`);
