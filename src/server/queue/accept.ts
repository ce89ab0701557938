import { bytesToTextStrict, textToBytes, type Bytes } from '../../base/bytes.ts';
import { scalarField, scanTopLevel, spliceFields } from '../../base/json-scan.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import { jobText } from '../../queue/job-text.ts';
import { GatewayError, invalid } from '../../spec/error.ts';
import type { QueueDesk } from '../../store/store.ts';
import type { ServerRequest } from '../request.ts';
import { API_SURFACES } from './api-surfaces.ts';
import type { Envelope } from './envelope.ts';
import { keptHeaders } from './kept-headers.ts';

/** Where requests are checked and where they are queued; null where this gateway keeps no queue. */
export interface QueuePlace {
  readonly gateway: Pick<Gateway, 'check'>;
  readonly desk: QueueDesk | null;
}

/** Whether a body may ask to be answered later. Cheap, because it is asked of every request; `isBackground` makes sure. */
export function mentionsBackground(body: Bytes): boolean {
  return body.includes('"background"');
}

/** Whether a body asks to be answered later. */
export function isBackground(body: Bytes): boolean {
  const scanned = scanTopLevel(body);
  // What cannot be read is refused where all bodies are read.
  if (scanned.type === 'bad') return false;
  const given = scalarField(scanned.top, 'background');
  if (given === undefined || given === null || given === false) return false;
  if (given === true) return true;
  throw invalid('background', 'The field "background" must be true or false.');
}

/**
 * Checks a request as if it were to be served now, writes it down and only then answers 202. The client waits for the store,
 * because that is what it came for.
 */
export async function accept(
  { gateway, desk }: QueuePlace,
  request: ServerRequest,
  envelope: Envelope,
): Promise<void> {
  if (desk === null) throw noQueue();
  const { api, webhookUrl, orderKey, metadata, ttlMs } = envelope;
  const surface = API_SURFACES[api];
  const body = withoutBackground(envelope.request);
  const call = { surface, path: {}, body, client: request, sink: request.sink };
  const { caller, model, stream } = gateway.check(call);
  if (stream) throw invalid('stream', 'A queued request is answered whole: leave "stream" away.');
  const text = bytesToTextStrict(body);
  if (text === null) throw invalid('', 'The request is not valid UTF-8.');
  const wrong = webhookUrl === null ? null : desk.webhookProblem(webhookUrl);
  if (wrong !== null) throw invalid('webhook_url', `The field "webhook_url" cannot be used: ${wrong}.`);
  const job = await desk.accept({
    keyId: caller.keyId,
    api,
    model,
    orderKey,
    webhookUrl,
    metadata,
    headers: keptHeaders(request, surface),
    ttlMs: ttlMs ?? desk.ttlMs,
    body: text,
  });
  const location = `/v1/queue/${job.jobId}`;
  request.sink.answer(202, ['location', location], textToBytes(jobText(job, null)));
}

/** The refusal of a gateway that keeps no queue. */
export function noQueue(): GatewayError {
  return new GatewayError(
    'unsupported',
    'This gateway keeps no queue (queue.enabled): send the request without "background" and wait for its answer.',
    { field: 'background' },
  );
}

function withoutBackground(body: Bytes): Bytes {
  const scanned = scanTopLevel(body);
  if (scanned.type === 'bad' || !scanned.top.spans.has('background')) return body;
  return spliceFields(scanned.top, { background: null });
}
