/** The library's door: names and nothing else. */
export {
  createGateway,
  type CallOptions,
  type LibraryGateway,
  type Listener,
} from './library/create-gateway.ts';
export type { GatewayOptions } from './library/config-source.ts';
export {
  ChatError,
  type AnswerMeta,
  type ChatAnswer,
  type ChatMessage,
  type ChatRequest,
  type ChatStream,
  type ChatToolCall,
} from './library/types.ts';
export type { Costs } from './library/costs.ts';
export type { PublicModel } from './gateway/gateway.ts';
export type { ConfigInput } from './config/schema.ts';
export { ConfigError, type ConfigProblem } from './config/config-error.ts';
export type {
  CircuitChanged,
  CircuitState,
  GatewayEvent,
  RequestFinished,
  TargetDown,
  TargetRecovered,
} from './spec/event.ts';
export type { HealthReport, ModelStatus, TargetStatus } from './spec/health-report.ts';
export type { Attempt } from './spec/attempt.ts';
export type { Usage } from './spec/usage.ts';
export { ERROR_KINDS, type ErrorKind } from './spec/error.ts';
