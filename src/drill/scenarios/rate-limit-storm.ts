/** The commonest failure of all: the provider is up and says no. */
export const RATE_LIMIT_STORM = `name: rate-limit-storm
about: >-
  For twenty minutes most calls to the preferred provider are refused for their rate, with 20 seconds to wait, while the
  second provider is short of breath too and refuses one call in ten. A third one is there for what is left.
seed: 2
config:
  providers:
    first: { kind: simulated, simulate: { like: openai, first_token_ms: 300, tokens_per_second: 2000 } }
    second: { kind: simulated, simulate: { like: anthropic, first_token_ms: 400, tokens_per_second: 2000 } }
    third: { kind: simulated, simulate: { like: gemini, first_token_ms: 500, tokens_per_second: 2000 } }
  models:
    chat: { targets: [first/gpt-4.1], fallbacks: [spare, last] }
    spare: { targets: [second/claude-sonnet-4-5] }
    last: { targets: [third/gemini-2.5-flash] }
load: { requests_per_second: 2, for: 40m, stream_share: 0.5, count_to: [5, 20], models: [chat] }
steps:
  - { at: 10m, provider: first, fault: "429:20", share: 0.8, for: 20m }
  - { at: 10m, provider: second, fault: "429:5", share: 0.1, for: 20m }
expect: { lost: 0, availability: 1, added_ms_p99: 100, calls_per_request: 1.2 }
`;
