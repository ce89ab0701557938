/** The server's door: start the whole gateway, or serve it through Fetch. */
export { createFetchHandler, type FetchHandler } from './fetch-handler.ts';
export { startSimulator } from './simulate-server.ts';
