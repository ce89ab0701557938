import { GatewayError } from '../spec/error.ts';
import type { Caller } from '../spec/identity.ts';
import { presentedKey } from './admit.ts';
import { answerError } from './answer-error.ts';
import type { InferenceCall } from './call.ts';
import { finished } from './finish.ts';
import type { GatewayPorts } from './ports.ts';
import { RequestRun, type RequestsUnderWay } from './request-run.ts';
import { serve } from './serve.ts';

/** Header by which a client says that a request may be a repetition (draft-ietf-httpapi-idempotency-key-header). */
export const IDEMPOTENCY_HEADER = 'idempotency-key';

/**
 * Serves a request that may be a repetition: runs it once for each caller and key, and gives everybody else the same answer.
 * Never rejects.
 */
export async function serveOnce(
  ports: GatewayPorts,
  call: InferenceCall,
  underWay: RequestsUnderWay,
): Promise<void> {
  const caller = call.caller ?? identified(ports, call);
  // Nobody's keys are nobody's: the refusal is told on the ordinary way.
  if (caller === null) return serve(ports, call, underWay);
  const { surface, path, body, client, sink } = call;
  const begun = await ports.answers.begin({
    key: client.header(IDEMPOTENCY_HEADER) ?? '',
    keyId: caller.keyId,
    content: `POST ${surface.protocol.id} ${surface.operation} ${JSON.stringify(path)}\n${body}`,
    sink,
  });
  if (begun.type === 'run') return serve(ports, { ...call, sink: begun.sink }, underWay);
  const run = new RequestRun(ports, call);
  run.caller = caller;
  if (begun.type === 'refused') {
    const detail = begun.kind === 'invalid_request' ? { field: IDEMPOTENCY_HEADER } : {};
    const error = new GatewayError(begun.kind, begun.message, detail);
    const status = answerError(run, error, null);
    ports.publish(finished(run, { status, error, answered: null, costNanodollars: 0n }));
    return;
  }
  const status = begun.type === 'left' ? 499 : begun.status;
  run.answerBytes = begun.type === 'left' ? 0 : begun.bytes;
  const event = finished(run, { status, error: null, answered: null, costNanodollars: 0n });
  ports.publish({ ...event, routeReason: 'a repetition: answered as the first request was' });
}

function identified({ keys }: GatewayPorts, { client }: InferenceCall): Caller | null {
  const found = keys.identify(presentedKey(client));
  return found.type === 'caller' ? found.caller : null;
}
