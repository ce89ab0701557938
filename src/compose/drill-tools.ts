/** What the command line needs for drills without a running gateway; loaded with the command. */
export { SCENARIOS } from '../drill/scenarios/index.ts';
export { REPLAY_MODES, reportText } from '../drill/replay/index.ts';
export type { ScenarioCheck, ScenarioReport } from '../drill/scenario-report.ts';
export { replayIncidents } from './incident-replay.ts';
export { loadScenario } from './load-scenario.ts';
export { runScenario, type ScenarioProgress } from './run-scenario.ts';
