import type { Json } from '../../base/json.ts';
import type { Headers } from '../../spec/wire.ts';
import type { Refusal } from '../refusal.ts';
import type { WireName } from '../settings.ts';
import type { RetryAfter, StatusError } from './fault.ts';
import { httpDate } from './http-date.ts';
import { TOO_LONG } from '../windows.ts';

/** The refusal that a wire's owner sends for an error, with the wording of recordings and error pages where they exist. */
export function statusRefusal(
  wire: WireName,
  error: StatusError,
  retryAfter: RetryAfter | undefined,
  facts: { readonly model: string; readonly nowMs: number },
): Refusal {
  const refusal = REFUSALS[wire][error](facts.model);
  const limited = error === 'rate-limit' || error === 'unavailable' || error === 'overloaded';
  const usual: RetryAfter = error === 'rate-limit' ? USUAL_RETRY[wire] : { type: 'none' };
  return limited || retryAfter !== undefined
    ? withRetry(wire, refusal, retryAfter ?? usual, facts.nowMs)
    : refusal;
}

const USUAL_RETRY: { readonly [wire in WireName]: RetryAfter } = {
  chat: { type: 'milliseconds', ms: 1834 },
  messages: { type: 'seconds', seconds: 34 },
  'generate-content': { type: 'seconds', seconds: 48 },
};

// Google tells it in the body, the others in headers.
function withRetry(wire: WireName, refusal: Refusal, retryAfter: RetryAfter, nowMs: number): Refusal {
  if (retryAfter.type === 'none') return refusal;
  if (wire === 'generate-content')
    return { ...refusal, details: [...googleDetails(refusal), retryInfo(retryAfter)] };
  return { ...refusal, headers: [...(refusal.headers ?? []), ...retryHeaders(retryAfter, nowMs)] };
}

function googleDetails(refusal: Refusal): readonly Json[] {
  return Array.isArray(refusal.details) ? refusal.details : [];
}

function retryInfo(retryAfter: RetryAfter): Json {
  const type = 'type.googleapis.com/google.rpc.RetryInfo';
  switch (retryAfter.type) {
    case 'none':
      return { '@type': type };
    case 'seconds':
    case 'date':
      return { '@type': type, retryDelay: `${retryAfter.seconds}s` };
    case 'milliseconds':
      return { '@type': type, retryDelay: `${retryAfter.ms / 1000}s` };
    case 'junk':
      return { '@type': type, retryDelay: retryAfter.text };
  }
}

function retryHeaders(retryAfter: RetryAfter, nowMs: number): Headers {
  switch (retryAfter.type) {
    case 'none':
      return [];
    case 'seconds':
      return [['retry-after', String(retryAfter.seconds)]];
    case 'milliseconds':
      return [
        ['retry-after', String(Math.ceil(retryAfter.ms / 1000))],
        ['retry-after-ms', String(retryAfter.ms)],
      ];
    case 'date':
      return [['retry-after', httpDate(nowMs + retryAfter.seconds * 1000)]];
    case 'junk':
      return [['retry-after', retryAfter.text]];
  }
}

type RefusalMaker = (model: string) => Refusal;

const CHAT: { readonly [error in StatusError]: RefusalMaker } = {
  'bad-key': () => ({
    status: 401,
    message:
      'Incorrect API key provided: sk-si****-key. You can find your API key at https://platform.openai.com/account/api-keys.',
    code: 'invalid_api_key',
  }),
  'no-credit': () => ({
    status: 402,
    message: 'Insufficient Balance',
    type: 'unknown_error',
    code: 'invalid_request_error',
  }),
  forbidden: () => ({
    status: 403,
    message: 'Country, region, or territory not supported',
    type: 'request_forbidden',
    code: 'unsupported_country_region_territory',
  }),
  'no-model': (model) => ({
    status: 404,
    message: `The model \`${model}\` does not exist or you do not have access to it.`,
    code: 'model_not_found',
  }),
  'too-long': () => TOO_LONG.chat(140_021, 128_000),
  'rate-limit': (model) => ({
    status: 429,
    message: `Rate limit reached for ${model} in organization org-simulated on tokens per min (TPM): Limit 30000, Used 29500, Requested 2000. Please try again in 1.834s. Visit https://platform.openai.com/account/rate-limits to learn more.`,
    type: 'tokens',
    code: 'rate_limit_exceeded',
    headers: [
      ['x-ratelimit-limit-tokens', '30000'],
      ['x-ratelimit-remaining-tokens', '500'],
      ['x-ratelimit-reset-tokens', '1.834s'],
    ],
  }),
  quota: () => ({
    status: 429,
    message:
      'You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.',
    type: 'insufficient_quota',
    code: 'insufficient_quota',
  }),
  internal: () => ({
    status: 500,
    message: 'The server had an error while processing your request. Sorry about that!',
    type: 'server_error',
  }),
  unavailable: () => ({
    status: 503,
    message: 'The engine is currently overloaded, please try again later',
    type: 'server_error',
  }),
  overloaded: () => ({ status: 503, message: 'Slow Down', type: 'server_error', code: 'slow_down' }),
  timeout: () => ({ status: 504, message: 'The request timed out.', type: 'server_error' }),
};

const MESSAGES: { readonly [error in StatusError]: RefusalMaker } = {
  'bad-key': () => ({ status: 401, message: 'invalid x-api-key', headers: [['x-should-retry', 'false']] }),
  'no-credit': () => ({
    status: 402,
    message: 'Your credit balance is too low to access the Anthropic API.',
  }),
  forbidden: () => ({
    status: 403,
    message: 'Your API key does not have permission to use the specified resource.',
  }),
  'no-model': (model) => ({
    status: 404,
    message: `model: ${model}`,
    headers: [['x-should-retry', 'false']],
  }),
  'too-long': () => TOO_LONG.messages(213_462, 200_000),
  'rate-limit': () => ({
    status: 429,
    message: "This request would exceed your organization's rate limit of 40,000 input tokens per minute.",
    headers: [
      ['anthropic-ratelimit-input-tokens-limit', '40000'],
      ['anthropic-ratelimit-input-tokens-remaining', '0'],
    ],
  }),
  // A spend limit looks like a rate limit but names no time to come back.
  quota: () => ({
    status: 429,
    message: 'You have reached your monthly spend limit.',
    details: { error_code: 'enforced_spend_limit_reached' },
  }),
  internal: () => ({ status: 500, message: 'Internal server error' }),
  unavailable: () => ({ status: 503, message: 'Service temporarily unavailable' }),
  overloaded: () => ({ status: 529, message: 'Overloaded', headers: [['x-should-retry', 'true']] }),
  timeout: () => ({ status: 504, message: 'Request timed out' }),
};

const QUOTA_FAILURE = 'type.googleapis.com/google.rpc.QuotaFailure';

const GENERATE_CONTENT: { readonly [error in StatusError]: RefusalMaker } = {
  'bad-key': () => ({
    status: 400,
    message: 'API key not valid. Please pass a valid API key.',
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'API_KEY_INVALID',
        domain: 'googleapis.com',
      },
    ],
  }),
  'no-credit': () => ({
    status: 429,
    message:
      'Your prepayment credits are depleted. Please go to AI Studio at https://ai.studio/projects to manage your project and billing.',
    type: 'RESOURCE_EXHAUSTED',
  }),
  forbidden: () => ({
    status: 403,
    message:
      "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
  }),
  'no-model': (model) => ({
    status: 404,
    message: `models/${model} is not found for API version v1beta, or is not supported for generateContent. Call ModelService.ListModels to see the list of available models and their supported methods.`,
  }),
  'too-long': () => TOO_LONG['generate-content'](1_250_074, 1_048_576),
  'rate-limit': () => ({
    status: 429,
    message: 'You exceeded your current quota, please check your plan.',
    details: [
      {
        '@type': QUOTA_FAILURE,
        violations: [{ quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier' }],
      },
    ],
  }),
  quota: () => ({
    status: 429,
    message: 'Quota exceeded',
    details: [
      {
        '@type': QUOTA_FAILURE,
        violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier' }],
      },
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '51820.638305887s' },
    ],
  }),
  internal: () => ({
    status: 500,
    message:
      'An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting',
  }),
  unavailable: () => ({ status: 503, message: 'The model is overloaded. Please try again later.' }),
  overloaded: () => ({ status: 503, message: 'The model is overloaded. Please try again later.' }),
  timeout: () => ({ status: 504, message: 'The request timed out. Please try again.' }),
};

const REFUSALS: { readonly [wire in WireName]: { readonly [error in StatusError]: RefusalMaker } } = {
  chat: CHAT,
  messages: MESSAGES,
  'generate-content': GENERATE_CONTENT,
};
