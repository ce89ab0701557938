/** One request of a workload, without its words. */
export interface TraceRow {
  /** Since the start of the trace. */
  readonly atMs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}
