import type { GatewayError } from '../spec/error.ts';
import { asGatewayError, type RequestRun } from './request-run.ts';

/** What was thrown in an attempt at this target, as the error that it is; a fault of our own is logged with its trace. */
export function thrownError(error: unknown, run: RequestRun, target: string): GatewayError {
  const failure = asGatewayError(error);
  if (failure.kind === 'internal') {
    const cause =
      failure.cause instanceof Error ? (failure.cause.stack ?? failure.cause.message) : String(error);
    run.ports.runtime.log.error('an attempt failed on a fault of our own', {
      requestId: run.id,
      target,
      cause,
    });
  }
  return failure;
}
