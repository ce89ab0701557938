/** Everything that the fake provider says in one wire. */
export interface Answers {
  /** Five headers, typical of the provider. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly json: string;
  /** Events before the first content, events with content, and events after it; whole, with their line ends. */
  readonly before: readonly string[];
  readonly chunks: readonly string[];
  readonly after: readonly string[];
}
