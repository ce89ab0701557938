/** What users of the gateway test their own programs with: an outside world that repeats itself, and simulated providers. */
export type { LoggedLine } from './testing/recording-log.ts';
export { seededRandom } from './testing/seeded-random.ts';
export { RecordingSink, type SeenEnding } from './testing/recording-sink.ts';
export { settled, VirtualClock } from './testing/virtual-clock.ts';
export {
  virtualRuntime,
  type VirtualRuntime,
  type VirtualRuntimeOptions,
} from './testing/virtual-runtime.ts';
export { createSimulator, type Simulator, type SimulatorPorts } from './simulator/simulator.ts';
export { INSTANT_PACE, type SimulatorSettings } from './simulator/settings.ts';
export type { Fault, FaultKind } from './simulator/faults/fault.ts';
