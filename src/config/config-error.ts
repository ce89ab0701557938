/** One thing that is wrong with a configuration: where, what, and what would be right. */
export interface ConfigProblem {
  /** Path in words of the file: `models.gpt-4.1.targets[0]`. */
  readonly path: string;
  readonly message: string;
  /** Line in the file, null where the value does not come from a file. */
  readonly line: number | null;
}

/** A configuration that was refused, whole, with everything that is wrong with it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly file: string;
  readonly problems: readonly ConfigProblem[];

  constructor(file: string, problems: readonly ConfigProblem[]) {
    super(describeProblems(file, problems));
    this.file = file;
    this.problems = problems;
  }
}

function describeProblems(file: string, problems: readonly ConfigProblem[]): string {
  return problems
    .map(({ path, message, line }) => {
      const place = line === null ? file : `${file}:${line}`;
      return path === '' ? `${place}: ${message}` : `${place}: ${path}: ${message}`;
    })
    .join('\n');
}
