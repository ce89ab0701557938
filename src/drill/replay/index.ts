/** What others use of the replay of incidents; compose/incident-replay.ts gives it a gateway to play with. */
export { replayIncidentsIn, type ReplayOptions } from './replay.ts';
export { REPLAY_MODES, type ReplayMode } from './incident.ts';
export { percent, points, reportText, type ReplayReport } from './report.ts';
export { readTrace } from './trace.ts';
