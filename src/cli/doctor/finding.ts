/** One thing that was looked at, and how it is. */
export interface Finding {
  readonly about: string;
  /** `ok`: as it should be. `look`: works, but deserves a look. `wrong`: has to be mended. */
  readonly state: 'ok' | 'look' | 'wrong';
  readonly message: string;
  /** The figures behind the message, for programs that read it as JSON. */
  readonly figures?: object;
}

/** A finding that all is well. */
export function fine(about: string, message: string): Finding {
  return { about, state: 'ok', message };
}

/** A finding that deserves a look. */
export function look(about: string, message: string): Finding {
  return { about, state: 'look', message };
}

/** A finding that has to be mended. */
export function wrong(about: string, message: string): Finding {
  return { about, state: 'wrong', message };
}
