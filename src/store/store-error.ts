/**
 * What went wrong in a store. `conflict`: the thing is there already. `rejected`: this very value cannot be stored, others
 * can. `unavailable`: nothing can be read or written at present. `bad-cursor`: a place in a list that never was. The rest
 * end the start: `locked` by another process, `read-only`, `damaged`, `foreign` (of another program), `newer` (written by a
 * newer version).
 */
export type StoreErrorKind =
  | 'conflict'
  | 'rejected'
  | 'unavailable'
  | 'locked'
  | 'read-only'
  | 'damaged'
  | 'foreign'
  | 'newer'
  | 'bad-cursor';

/** A store could not do what it was asked; the message says what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly kind: StoreErrorKind;

  constructor(kind: StoreErrorKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}
