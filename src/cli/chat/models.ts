import { typed } from '../typed.ts';
import { asString, field, isArray, parseJsonOr } from '../../base/json.ts';
import { CommandError } from '../exit.ts';
import type { Connection } from './connect.ts';

/** The names that may be asked for; a key that does not fit ends the command here. */
export async function publicModels({
  url,
  key,
}: Pick<Connection, 'url' | 'key'>): Promise<readonly string[]> {
  const response = await fetched(url, key);
  const body = parseJsonOr(await response.text(), null);
  if (response.status === 401 || response.status === 403) {
    const message = asString(field(field(body, 'error'), 'message')) ?? 'The key was refused.';
    throw new CommandError('auth', `${message} (${url})`);
  }
  const data = field(body, 'data');
  if (!response.ok || !isArray(data)) {
    throw new CommandError(
      'unavailable',
      `${url} does not answer like a gateway (status ${response.status}).`,
    );
  }
  return data.flatMap((model) => asString(field(model, 'id')) ?? []);
}

async function fetched(url: string, key: string): Promise<Response> {
  try {
    return await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
  } catch (error) {
    throw new CommandError(
      'unavailable',
      `No gateway answers at ${url}. Start one with "${typed('serve')}".`,
      error,
    );
  }
}

/** What the words behind `chat` mean: a first word without spaces names the model, the rest is the prompt. */
export function modelAndPrompt(
  words: readonly string[],
  known: readonly string[],
): { readonly model: string; readonly prompt: string } {
  const [first, ...rest] = words;
  const standard = known.includes('auto') ? 'auto' : (known[0] ?? 'auto');
  if (first === undefined) return { model: standard, prompt: '' };
  if (/\s/.test(first)) return { model: standard, prompt: words.join(' ') };
  return { model: first, prompt: rest.join(' ') };
}
