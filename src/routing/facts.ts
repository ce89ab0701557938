/** What a request needs from a target: everything that eligibility looks at. */
export interface RequestFacts {
  /** Low estimate of the prompt in tokens: a target is only passed over for its window where the prompt surely does not fit. */
  readonly inputTokens: number;
  readonly tools: boolean;
  readonly image: boolean;
  readonly pdf: boolean;
  readonly audio: boolean;
  readonly video: boolean;
  readonly jsonSchema: boolean;
  /** More than one answer wanted, which only a target of the client's own wire can give. */
  readonly manyCandidates: boolean;
  /** Id of the client's wire. */
  readonly protocol: string;
}

/** The facts of a request that needs nothing special. */
export function undemandingFacts(protocol: string): RequestFacts {
  return {
    inputTokens: 0,
    tools: false,
    image: false,
    pdf: false,
    audio: false,
    video: false,
    jsonSchema: false,
    manyCandidates: false,
    protocol,
  };
}
