/** The outage that people remember: the first provider is gone for half a day, and comes back. */
export const TWELVE_HOUR_OUTAGE = `name: twelve-hour-outage
about: >-
  The preferred provider refuses every connection for twelve hours, and is well again for the last hour.
  Nobody who asks may notice more than a little time.
seed: 1
config:
  providers:
    first: { kind: simulated, simulate: { like: openai, first_token_ms: 300, tokens_per_second: 2000 } }
    second: { kind: simulated, simulate: { like: anthropic, first_token_ms: 400, tokens_per_second: 2000 } }
  models:
    chat: { targets: [first/gpt-4.1], fallbacks: [spare] }
    spare: { targets: [second/claude-sonnet-4-5] }
load: { requests_per_second: 0.2, for: 14h, stream_share: 0.5, count_to: [3, 10], models: [chat] }
steps:
  - { at: 1h, provider: first, fault: down, for: 12h }
expect: { lost: 0, availability: 1, added_ms_p99: 50, calls_per_request: 1.2 }
`;
