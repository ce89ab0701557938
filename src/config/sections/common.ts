import { z } from 'zod';

/** A reference to a secret, never the secret itself: `env:NAME`, `file:PATH`, or `credential:NAME` of systemd. */
export const secretReference = z
  .string()
  .regex(
    /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|credential:[A-Za-z0-9._-]+)$/,
    'must be a reference, env:NAME, file:PATH or credential:NAME, never the secret itself',
  )
  .describe('A reference to a secret: `env:NAME` or `file:PATH`.');

/** A name that people type in requests and in the file. */
export const name = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/,
    'must be 1 to 128 letters, digits and . _ : @ -, starting with a letter or digit',
  );

/** A whole number of milliseconds, from 1 up to a day. */
export const milliseconds = z.number().int().min(1).max(86_400_000);

/** A price in US dollars per million tokens; decimals are exact down to a millionth of a dollar. */
export const usdPerMillion = z
  .number()
  .min(0, 'must not be negative')
  .max(1_000_000)
  .refine(isWholeMicros, 'must not have more than six decimals');

// 0.0375 * 1e6 is 37500.00000000001 or so in floating point: allow for that and nothing more.
function isWholeMicros(value: number): boolean {
  const micros = value * 1_000_000;
  return Math.abs(micros - Math.round(micros)) < 1e-3;
}
