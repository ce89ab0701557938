import { FIRST_CONTENT, STREAM_CHUNKS } from './load.ts';

const SENTENCES =
  'Beginning with the replacement: the new mat for order 2024-118-4471 left our warehouse this morning, and the carrier ' +
  'has taken it over under a number that you find in your account. It can still be sent to the parcel locker at the ' +
  'station, as long as you choose it before the parcel reaches the depot, which is usually early in the morning of the ' +
  'day on which it is delivered. The carrier has not confirmed a day yet, so I cannot promise that it arrives before the ' +
  '14th; most parcels on this way take two working days, which would leave you some time. If it does not arrive in time, ' +
  'tell us, and the shop near the station will lend you a mat of the same kind for your trip, free of charge. You need ' +
  'not send the broken mat back. Please cut through the valve so that nobody uses it by mistake, and keep the photo until ' +
  'the case is closed. If you would rather have your money back than another mat, you can choose that in your account ' +
  'at any time before the parcel is handed over, and it is paid to the card that you used, within three working days. ';

/** The text of an answer that is not streamed: about 1,000 characters. */
export const ANSWER_TEXT = SENTENCES.trim();

/** The text of a stream in its pieces of about four words, as models send them when they are fast. */
export const ANSWER_PIECES: readonly string[] = pieces();

function pieces(): readonly string[] {
  const words = SENTENCES.trim().split(' ');
  return Array.from({ length: STREAM_CHUNKS }, (_, piece) => {
    const at = (piece * 4) % (words.length - 4);
    const text = words.slice(at, at + 4).join(' ');
    return piece === 0 ? text : ` ${text.replace(FIRST_CONTENT, 'Going on')}`;
  });
}
