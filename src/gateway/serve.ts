import type { Attempt } from '../spec/attempt.ts';
import type { GatewayError } from '../spec/error.ts';
import { admit } from './admit.ts';
import { answerError } from './answer-error.ts';
import { answerHeaders, streamTrailers, type AnswerSource } from './answer-headers.ts';
import type { InferenceCall } from './call.ts';
import { execute, type Answered } from './execute.ts';
import { finished } from './finish.ts';
import type { GatewayPorts } from './ports.ts';
import { asGatewayError, RequestRun, type Admitted, type RequestsUnderWay } from './request-run.ts';

/** Serves one call for an answer of a model, from its bytes to its one final answer. Never rejects. */
export async function serve(
  ports: GatewayPorts,
  call: InferenceCall,
  underWay: RequestsUnderWay,
): Promise<void> {
  const run = new RequestRun(ports, call);
  const slot = underWay.add(run);
  call.sink.onClose(() => {
    // A kept answer is finished also without its client.
    if (run.call.sink.closed) run.underWay?.abandon();
  });
  try {
    const admitted = admit(run);
    run.admitted = admitted;
    if (admitted.named.failover.keepAnswersS > 0) keepAnswer(run, admitted);
    const { id: requestId, startedAtMs: atMs } = run;
    ports.publish({
      type: 'request-started',
      requestId,
      atMs,
      model: admitted.model,
      stream: admitted.stream,
    });
    deliver(run, await execute(run, admitted));
  } catch (error) {
    refuse(run, run.interruption ?? asGatewayError(error));
  } finally {
    underWay.remove(slot);
  }
}

function keepAnswer(run: RequestRun, { caller, named }: Admitted): void {
  const keepMs = named.failover.keepAnswersS * 1000;
  const sink = run.ports.answers.keep(run.call.sink, { requestId: run.id, keyId: caller.keyId, keepMs });
  run.call = { ...run.call, sink };
}

function deliver(run: RequestRun, { attempt, body }: Answered): void {
  const { sink } = run.call;
  const cost = totalCost(run.attempts);
  if (body === null) {
    sink.end(streamTrailers(run, cost));
  } else {
    run.answerBytes = body.length;
    run.firstTokenMs = run.elapsedMs();
    sink.answer(200, answerHeaders(run, sourceOf(run, attempt, cost)), body);
  }
  run.ports.publish(finished(run, { status: 200, error: null, answered: attempt, costNanodollars: cost }));
}

function sourceOf(run: RequestRun, attempt: Attempt, costNanodollars: bigint | null): AnswerSource {
  const { target, upstreamRequestId, warnings } = attempt;
  return { target, upstreamRequestId, attempts: run.attempts.length, warnings, costNanodollars };
}

function refuse(run: RequestRun, error: GatewayError): void {
  const costNanodollars = totalCost(run.attempts);
  const status = answerError(run, error, costNanodollars);
  run.ports.publish(finished(run, { status, error, answered: null, costNanodollars }));
}

// What all attempts cost together; unknown as soon as one that used tokens has no known cost.
function totalCost(attempts: readonly Attempt[]): bigint | null {
  let total = 0n;
  for (const { usage, costNanodollars } of attempts) {
    if (usage !== null && costNanodollars === null) return null;
    total += costNanodollars ?? 0n;
  }
  return total;
}
