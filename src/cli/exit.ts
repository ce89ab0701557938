/** Exit codes of every command; scripts may rely on them. */
export const EXIT = { ok: 0, failure: 1, usage: 2, auth: 3, notFound: 4, unavailable: 6 } as const;
export type ExitName = keyof typeof EXIT;

/** What each exit code says, for the reference page. */
export const EXIT_MEANINGS: { readonly [name in ExitName]: string } = {
  ok: 'The command did what it was asked.',
  failure: 'It failed, or a check found something wrong; the message says what.',
  usage: 'The command line or the configuration is wrong.',
  auth: 'A key is missing, wrong, or not allowed to do this.',
  notFound: 'There is no such model, key, request or provider.',
  unavailable: 'Something needed is not there at present: the gateway, the port or the database.',
};

/** A command cannot go on; the message is for the person who typed it. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exit: ExitName;

  constructor(exit: ExitName, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.exit = exit;
  }
}
