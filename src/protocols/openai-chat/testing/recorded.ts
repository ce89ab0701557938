import { recordedExchanges, type Recorded } from '../../testing/recorded.ts';

/** All recorded exchanges of the given API; `../shared` must be there. */
export function recorded(api: 'chat' | 'embeddings'): readonly Recorded[] {
  return recordedExchanges(api, (payload) => `data: ${payload}\n\n`);
}
