import { z } from 'zod';
import { formatUsd, nanodollars } from '../../ledger/money.ts';

/** A point in time as the admin API writes it: ISO 8601 in UTC. */
export const timeSchema = z.iso.datetime();

/** A point in time as clients may write it. */
export const timeInput = z.iso.datetime({ offset: true });

/** Writes milliseconds since 1970 as ISO 8601. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString();
}

/** The same for times that may be absent. */
export function timeTextOrNull(ms: number | null): string | null {
  return ms === null ? null : timeText(ms);
}

/** Reads a time that was checked against `timeInput`. */
export function timeMs(text: string): number {
  return Date.parse(text);
}

/** An amount in dollars as exact decimal text, because JSON numbers lose digits. */
export const usdSchema = z.string().regex(/^-?\d+\.\d{2,9}$/);

/** Writes an amount in dollars. */
export function usdText(amount: bigint): string {
  return formatUsd(nanodollars(amount));
}
