import type { ProviderDefinition } from '../spec/provider.ts';

/** What resolving needs to know of the program and its surroundings. */
export interface ResolveContext {
  /** Where the configuration came from, for messages: a file name or `options`. */
  readonly source: string;
  readonly definitions: readonly ProviderDefinition[];
  /** Whether a reference to a secret leads to one. */
  hasSecret(reference: string): boolean;
  /** What is wrong with the name of a simulated fault; null where it is one. */
  wrongFault(name: string): string | null;
  /** Line in the source of a path, null where there are no lines. */
  lineOf(path: readonly (string | number)[]): number | null;
}

/** Collects what is wrong, so that an operator sees everything at once. */
export type Report = (path: readonly (string | number)[], message: string) => void;
