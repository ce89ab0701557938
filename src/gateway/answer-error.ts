import { textToBytes } from '../base/bytes.ts';
import type { GatewayError } from '../spec/error.ts';
import { answerHeaders } from './answer-headers.ts';
import { downstreamOf } from './call.ts';
import type { RequestRun } from './request-run.ts';

/**
 * Tells the client of an error in its own envelope: as the whole answer, or inside the stream where that has begun, which
 * is then cut. Gives the status that the request counts under.
 */
export function answerError(run: RequestRun, error: GatewayError, costNanodollars: bigint | null): number {
  const { call } = run;
  if (error.kind === 'internal') logFault(run, error);
  const downstream = downstreamOf(call);
  const wireError = downstream.encodeError(error, run.id);
  if (call.sink.closed) {
    call.sink.cut();
  } else if (run.opened) {
    call.sink.write(textToBytes(downstream.frame(downstream.encodeStreamError(error, run.id))));
    call.sink.cut();
  } else {
    const attempts = run.attempts.length;
    const source = { target: null, upstreamRequestId: null, attempts, warnings: [], costNanodollars };
    const headers = [...answerHeaders(run, source), ...wireError.headers.flat()];
    call.sink.answer(wireError.status, headers, textToBytes(JSON.stringify(wireError.body)));
  }
  return wireError.status;
}

function logFault(run: RequestRun, error: GatewayError): void {
  const cause = error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : error.message;
  run.ports.runtime.log.error('a request failed on a fault of our own', { requestId: run.id, cause });
}
