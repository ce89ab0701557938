/** A broken promise of our own code: the request that meets it ends as `internal`, the process goes on. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Stops a request whose own code is wrong. Never use it on input: input gets a `GatewayError`. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Ends a switch over a tagged union; the compiler proves that it is never reached. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${JSON.stringify(value)}`);
}
