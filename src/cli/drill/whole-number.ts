import { CommandError } from '../exit.ts';

/** A whole number from 0 as people type it; undefined where the option is not given. */
export function wholeNumber(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw new CommandError('usage', `${option} takes a whole number, not "${text}".`);
}
