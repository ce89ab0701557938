/** The server's door: start the whole gateway inside another program. Names and nothing else. */
export { startServer, type RunningServer } from './library/start-server.ts';
export type { GatewayOptions } from './library/config-source.ts';
