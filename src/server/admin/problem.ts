import { z } from 'zod';
import { didYouMean } from '../../base/nearest.ts';
import type { Headers } from '../../spec/wire.ts';
import type { StoreError, StoreErrorKind } from '../../store/store-error.ts';

/** Every way in which the admin API refuses, with its HTTP status. */
export const PROBLEM_CODES = {
  invalid: 400,
  unknown_field: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  too_large: 413,
  unsupported_media_type: 415,
  config_refused: 422,
  too_many_failures: 429,
  internal: 500,
  store_unavailable: 503,
} as const satisfies Record<string, number>;
export type ProblemCode = keyof typeof PROBLEM_CODES;

/** A request to the admin API was refused; the message is for whoever sent it. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  /** The field that is wrong, as a path. */
  readonly field: string | null;
  readonly headers: Headers;

  constructor(
    code: ProblemCode,
    message: string,
    particulars: { readonly field?: string; readonly headers?: Headers } = {},
  ) {
    super(message);
    this.code = code;
    this.field = particulars.field ?? null;
    this.headers = particulars.headers ?? [];
  }
}

/** The body of every refusal. */
export const problemSchema = z
  .strictObject({
    error: z.strictObject({
      code: z.literal(Object.keys(PROBLEM_CODES)),
      message: z.string(),
      field: z.string().optional(),
    }),
  })
  .meta({ id: 'Problem', description: 'Why a request was refused.' });

/** What an input breaks, in words: the first thing wrong, with its path. */
export function inputProblem(error: z.ZodError, known: readonly string[]): Problem {
  const issue = error.issues[0];
  if (issue === undefined) return new Problem('invalid', 'The input is not valid.');
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const name = issue.keys[0] ?? '';
    const field = path === '' ? name : `${path}.${name}`;
    const hint = path === '' ? didYouMean(name, known) : '';
    return new Problem('unknown_field', `The field "${field.slice(0, 100)}" is not known here${hint}.`, {
      field: field.slice(0, 100),
    });
  }
  return path === ''
    ? new Problem('invalid', `The input is not valid: ${issue.message}.`)
    : new Problem('invalid', `"${path}" is not valid: ${issue.message}.`, { field: path });
}

/** What a failure of the store means to whoever sent the request. */
export function storeProblem(error: StoreError): Problem {
  const code = STORE_PROBLEMS[error.kind] ?? 'store_unavailable';
  return new Problem(
    code,
    code === 'store_unavailable'
      ? 'The store cannot be read or written at present; the log of the gateway says why.'
      : error.message,
  );
}

const STORE_PROBLEMS: { readonly [kind in StoreErrorKind]?: ProblemCode } = {
  conflict: 'conflict',
  rejected: 'invalid',
  'bad-cursor': 'invalid',
};
