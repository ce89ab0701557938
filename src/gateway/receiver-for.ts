import { ResumedReceiver } from './receive-resumed.ts';
import { ThroughReceiver } from './receive-through.ts';
import { TranslatedReceiver } from './receive-translated.ts';
import { UnnamedReceiver } from './receive-unnamed.ts';
import { WholeReceiver } from './receive-whole.ts';
import type { Receiver, ReceiverHost } from './receiver.ts';

/**
 * Who takes the body of a 200 of this content type; null for a web page, which is no answer. Who was asked for a stream may
 * answer whole all the same, or not say what it sends.
 */
export function receiverFor(host: ReceiverHost, type: string, streamWanted: boolean): Receiver | null {
  if (!streamWanted || type.includes('json')) return whole(host);
  if (type.includes('event-stream')) return streamed(host);
  if (type.includes('html')) return null;
  return new UnnamedReceiver({ whole: () => whole(host), streamed: () => streamed(host) });
}

function whole(host: ReceiverHost): Receiver {
  return host.resume === null ? new WholeReceiver(host) : new ResumedReceiver(host, 'whole');
}

function streamed(host: ReceiverHost): Receiver {
  if (host.resume !== null) return new ResumedReceiver(host, 'stream');
  return host.outgoing.through ? new ThroughReceiver(host) : new TranslatedReceiver(host);
}
