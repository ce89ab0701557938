/**
 * The action of a command whose code is loaded when the command is run, so that `--help` and every other command start
 * without it. What it throws is told in plain words and becomes the exit code.
 */
export function lazily<Args extends readonly unknown[]>(
  load: () => Promise<(...args: Args) => Promise<void> | void>,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    try {
      const command = await load();
      await command(...args);
    } catch (error) {
      const { reportFailure } = await import('./failure.ts');
      reportFailure(error);
    }
  };
}
