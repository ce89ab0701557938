/** What no health check sees: answers that begin and do not end. */
export const CUT_STREAMS = `name: cut-streams
about: >-
  For ten minutes a third of the answers of the preferred provider break off in the middle: some connections are cut, later
  some tell an overload inside the stream, later some just go silent. Whoever reads must get every word, once.
seed: 3
config:
  timeouts: { idle_ms: 2000, answer_ms: 6000 }
  providers:
    first: { kind: simulated, simulate: { like: openai, first_token_ms: 300, tokens_per_second: 60 } }
    second: { kind: simulated, simulate: { like: anthropic, first_token_ms: 400, tokens_per_second: 60 } }
  models:
    chat: { targets: [first/gpt-4.1], fallbacks: [spare] }
    spare: { targets: [second/claude-sonnet-4-5] }
load: { requests_per_second: 1, for: 12m, stream_share: 0.9, count_to: [20, 60], models: [chat] }
steps:
  - { at: 1m, provider: first, fault: "cut:12", share: 0.3, for: 4m }
  - { at: 5m, provider: first, fault: "error-mid:20", share: 0.3, for: 4m }
  - { at: 9m, provider: first, fault: "hang-mid:8", share: 0.3, for: 2m }
expect: { lost: 0, availability: 1, added_ms_p99: 7000, resumed: 1 }
`;
