import { readFileSync } from 'node:fs';
import { CommandError } from './exit.ts';

/**
 * A key as the environment or an option gives it: its text, or `file:PATH` of a file that holds it. Undefined where nothing
 * is given.
 */
export function secretText(given: string | undefined, where: string): string | undefined {
  if (given === undefined || given === '') return undefined;
  if (!given.startsWith('file:')) return given;
  const path = given.slice('file:'.length);
  const text = readSecret(path, where);
  if (text !== '') return text;
  throw new CommandError('usage', `The file ${path}, named by ${where}, is empty; it must hold a key.`);
}

function readSecret(path: string, where: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError('usage', `The file ${path}, named by ${where}, cannot be read: ${reason}`, error);
  }
}
