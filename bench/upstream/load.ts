/** The wires that the fake provider speaks. */
export type Wire = 'openai' | 'anthropic' | 'gemini';
/** How it answers: one JSON body, a stream with 2 ms between chunks, the same at once, or a stream that never goes on. */
export type Pace = 'json' | 'paced' | 'burst' | 'held';

/** What clients send (always OpenAI's wire) and what the provider answers. */
export interface Load {
  readonly wire: Wire;
  readonly pace: Pace;
}

/** All loads that are measured or profiled. */
export const LOADS: readonly Load[] = [
  { wire: 'openai', pace: 'json' },
  { wire: 'openai', pace: 'paced' },
  { wire: 'openai', pace: 'burst' },
  { wire: 'openai', pace: 'held' },
  { wire: 'anthropic', pace: 'json' },
  { wire: 'anthropic', pace: 'paced' },
  { wire: 'gemini', pace: 'json' },
  { wire: 'gemini', pace: 'paced' },
];

/** Its name: the fake provider's path prefix, and the model by which the gateway knows it. */
export function loadName({ wire, pace }: Load): string {
  return `${wire}-${pace}`;
}

/** The load of a name; null where there is none. */
export function loadByName(name: string): Load | null {
  return LOADS.find((load) => loadName(load) === name) ?? null;
}

/** Whether the client asks for a stream. */
export function isStream({ pace }: Load): boolean {
  return pace !== 'json';
}

/** Content chunks of a stream; figures are per content chunk. */
export const STREAM_CHUNKS = 50;
/** Text that begins the first content of every answer, by which clients here recognise it. */
export const FIRST_CONTENT = 'Beginning';
