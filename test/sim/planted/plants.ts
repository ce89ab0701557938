/** A bug that is put into the gateway on purpose, to see whether the simulation notices. */
export interface Plant {
  readonly name: string;
  /** File of src/, and the text in it, exactly once, that is replaced. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** Invariants of which one must be found violated. */
  readonly caughtBy: readonly string[];
}

/** The bugs. A text that is no longer found fails the test: whoever changes the code looks for the new place of its bug. */
export const PLANTS: readonly Plant[] = [
  {
    name: 'fails over after content as if nothing had been sent',
    file: 'routing/next-move.ts',
    find: `  if (attempts.some(({ outcome }) => outcome.type === 'failed' && outcome.committed))
    return resumeMove(plan, attempts, view);
`,
    replace: '',
    caughtBy: ['C1', 'C2', 'C6', 'C7'],
  },
  {
    name: 'passes a stream without a finish off as whole',
    file: 'gateway/receive-through.ts',
    find: `    if (this.whole) this.#finish();
    else this.#host.failed(broken ?? STOPPED);`,
    replace: '    this.#finish();',
    caughtBy: ['C1', 'C3'],
  },
  {
    name: 'counts faults of callers against the health of their targets',
    file: 'spec/error.ts',
    find: `  invalid_request: {
    ...OURS,
    status: 400,`,
    replace: `  invalid_request: {
    ...OURS,
    hurts: true,
    status: 400,`,
    caughtBy: ['A5'],
  },
  {
    name: 'lets several probes through at once',
    file: 'health/breaker.ts',
    find: `return circuit.type === 'half-open' && !circuit.probing;`,
    replace: `return circuit.type === 'half-open';`,
    caughtBy: ['A3'],
  },
  {
    name: 'forgets when a provider said to come back',
    file: 'health/parking.ts',
    find: '  if (isTime(retryAfterMs)) {',
    replace: '  if (isTime(retryAfterMs) && atMs < 0) {',
    caughtBy: ['A6'],
  },
  {
    name: 'says the overlap again when an answer is started anew',
    file: 'resumption/restart-alignment.ts',
    find: 'return text.length > room ? text.slice(room) : null;',
    replace: 'return text.length > room ? text : null;',
    caughtBy: ['C1'],
  },
  {
    name: 'does not notice that a client left',
    file: 'gateway/serve.ts',
    find: 'call.sink.onClose(() => {',
    replace: '[].forEach(() => {',
    caughtBy: ['C8'],
  },
  {
    name: 'loses the end of a translated stream',
    file: 'gateway/receive-translated.ts',
    find: `    this.#emit(this.#encoder.end());
    this.#host.answered(`,
    replace: '    this.#host.answered(',
    caughtBy: ['C3'],
  },
  {
    name: 'takes nothing from the retry budget',
    file: 'health/health-book.ts',
    find: `      budget.repeated(nowMs);
      record.budget.repeated(nowMs);`,
    replace: '',
    caughtBy: ['A4'],
  },
  {
    name: 'lets the loser of a hedge run on',
    file: 'gateway/hedge.ts',
    find: 'for (const each of this.#running) if (each !== winner) each.lose();',
    replace: 'this.#running.clear(); if (winner !== undefined) this.#running.add(winner);',
    caughtBy: ['A12'],
  },
  {
    name: 'measures deadlines by the wall clock',
    file: 'gateway/request-run.ts',
    find: 'return Math.floor(this.startedAtMs + this.elapsedMs());',
    replace: 'return this.ports.runtime.clock.nowMs();',
    caughtBy: ['A1', 'A2'],
  },
  {
    name: 'sends on to a client that asked to wait',
    file: 'gateway/attempt.ts',
    find: 'this.#call?.pause();',
    replace: '',
    caughtBy: ['C9'],
  },
  {
    name: 'forgets what a client used that left',
    file: 'gateway/meter.ts',
    find: 'if (begun || counted.outputChars > 0) return brokenOffUsage(run, counted);',
    replace: 'if (begun || counted.outputChars > 0) return null;',
    caughtBy: ['C8'],
  },
];
