import { textToBytes } from '../base/bytes.ts';
import { admit } from './admit.ts';
import { answerError } from './answer-error.ts';
import { answerHeaders, type AnswerSource } from './answer-headers.ts';
import { downstreamOf, type InferenceCall } from './call.ts';
import { estimateInputTokens } from './estimate.ts';
import type { GatewayPorts } from './ports.ts';
import { asGatewayError, countingOf, RequestRun } from './request-run.ts';

/**
 * Answers how many tokens a request has, for every model. The count is the gateway's own estimate and errs upwards: a low
 * one would let clients overrun windows (LiteLLM #37102); the header `x-bellwether-warnings` says that it is one.
 */
export async function countTokens(ports: GatewayPorts, call: InferenceCall): Promise<void> {
  const run = new RequestRun(ports, call);
  try {
    run.admitted = admit(run);
    const count = countingOf(downstreamOf(call)).encodeResult(estimateInputTokens(run.decoded()));
    call.sink.answer(200, answerHeaders(run, ESTIMATED), textToBytes(JSON.stringify(count)));
  } catch (error) {
    answerError(run, asGatewayError(error), null);
  }
}

const ESTIMATED: AnswerSource = {
  target: null,
  upstreamRequestId: null,
  attempts: 0,
  costNanodollars: null,
  warnings: [{ code: 'emulated', field: 'input_tokens', message: 'The count is an estimate.' }],
};
