/** What the operator may ask of a running process. */
export interface SignalHandlers {
  /** SIGTERM or SIGINT, the first time: finish what is under way and end. */
  onStop(signal: string): void;
  /** SIGTERM or SIGINT again: end at once. */
  onForcedStop(signal: string): void;
  /** SIGHUP: read the configuration again. */
  onReload(): void;
}

/** The part of `process` that delivers signals. */
export interface SignalSource {
  on(signal: string, listener: () => void): unknown;
  removeListener(signal: string, listener: () => void): unknown;
}

/** Listens to the process's signals; the function returned gives them back to Node's defaults. */
export function listenForSignals(handlers: SignalHandlers, source: SignalSource = process): () => void {
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) handlers.onForcedStop(signal);
    else {
      stopping = true;
      handlers.onStop(signal);
    }
  };
  const listeners = [
    ['SIGTERM', () => stop('SIGTERM')],
    ['SIGINT', () => stop('SIGINT')],
    ['SIGHUP', () => handlers.onReload()],
  ] as const;
  for (const [signal, listener] of listeners) source.on(signal, listener);
  return () => {
    for (const [signal, listener] of listeners) source.removeListener(signal, listener);
  };
}
