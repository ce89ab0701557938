import { textToBytes } from '../base/bytes.ts';
import { answerHeaders } from './answer-headers.ts';
import { admit } from './admit.ts';
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
  const source = { target: null, upstreamRequestId: null, attempts: 0, costNanodollars: null };
  try {
    run.admitted = admit(run);
    const count = countingOf(downstreamOf(call)).encodeResult(estimateInputTokens(run.decoded()));
    const warning = {
      code: 'emulated',
      field: 'input_tokens',
      message: 'The count is an estimate.',
    } as const;
    const headers = answerHeaders(run, { ...source, warnings: [warning] });
    call.sink.answer(200, headers, textToBytes(JSON.stringify(count)));
  } catch (error) {
    const wire = downstreamOf(call).encodeError(asGatewayError(error), run.id);
    const headers = [...answerHeaders(run, { ...source, warnings: [] }), ...wire.headers.flat()];
    call.sink.answer(wire.status, headers, textToBytes(JSON.stringify(wire.body)));
  }
}
