import { CommandError } from '../exit.ts';

const UNIT_MS: { readonly [unit: string]: number | undefined } = {
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** When a key expires, as people say it (`12h`, `30d`, `2027-01-31`, `never`), as the admin API wants it. */
export function expiryFrom(text: string, nowMs: number): string | null {
  if (text === 'never') return null;
  const span = /^(\d{1,5})([hdw])$/.exec(text);
  const unitMs = UNIT_MS[span?.[2] ?? ''];
  if (unitMs !== undefined) return new Date(nowMs + Number(span?.[1]) * unitMs).toISOString();
  const atMs = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(atMs)) return new Date(atMs).toISOString();
  throw new CommandError(
    'usage',
    `--expires takes 12h, 30d, 8w, a date such as 2027-01-31, or never, not "${text}".`,
  );
}
