import { recordedExchanges, type Recorded } from '../../testing/recorded.ts';

/** All recorded exchanges of the given API; `../shared` must be there. */
export function recorded(api: 'messages' | 'messages-count-tokens'): readonly Recorded[] {
  return recordedExchanges(api, frame).map((one) => ({ ...one, stream: firstAnswer(one.stream) }));
}

// Three recordings hold the streams of a whole tool loop one after the other; the first of them is the answer.
function firstAnswer(stream: string | undefined): string | undefined {
  const second = stream?.indexOf('event: message_start', 'event: message_start'.length) ?? -1;
  return second < 0 ? stream : stream?.slice(0, second);
}

function frame(payload: string): string {
  const { type } = JSON.parse(payload) as { type: string };
  return `event: ${type}\ndata: ${payload}\n\n`;
}
