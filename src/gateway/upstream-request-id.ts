import { header, type Headers } from '../spec/wire.ts';

/** Headers in which providers name a request, by which their support finds it: first found wins. */
const REQUEST_ID_HEADERS = [
  'x-request-id',
  'request-id',
  'x-generation-id',
  'x-goog-request-id',
  'apim-request-id',
];
/** What is longer is no id, and has no place in headers and logs. */
const ID_CHARS_MAX = 200;

/** The provider's own id of a request, from the head of its answer; null where it gives none. */
export function upstreamRequestId(headers: Headers): string | null {
  for (const name of REQUEST_ID_HEADERS) {
    const value = header(headers, name);
    if (value !== undefined && value.length <= ID_CHARS_MAX) return value;
  }
  return null;
}
