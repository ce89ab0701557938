import { readFileSync } from 'node:fs';
import { sharedPath } from '../../../test/shared.ts';
import type { Json } from '../../base/json.ts';

/** A recorded exchange with a provider. */
export interface Recorded {
  readonly id: string;
  readonly api: string;
  readonly provider: string;
  readonly request: { readonly body: Json } | null;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json | undefined;
  /** The answer's event stream as text. */
  readonly stream: string | undefined;
}

/**
 * All recorded exchanges of the given API; `../shared` must be there. Where only the payloads of a stream were recorded,
 * `frame` puts the framing around them as the API does it.
 */
export function recordedExchanges(api: string, frame: (payload: string) => string): readonly Recorded[] {
  const lines = readFileSync(sharedPath('fixtures', 'index.jsonl'), 'utf8').trim().split('\n');
  const rows = lines.map((line) => JSON.parse(line) as { id: string; api: string; file: string });
  return rows.filter((row) => row.api === api).map((row) => read(row, frame));
}

function read(row: { id: string; api: string; file: string }, frame: (payload: string) => string): Recorded {
  const { request, response } = JSON.parse(readFileSync(sharedPath('fixtures', row.file), 'utf8')) as {
    request: { body: Json } | null;
    response: {
      status: number;
      headers?: Record<string, string>;
      body?: Json;
      sse?: string;
      chunks?: readonly Json[];
    };
  };
  const { status, body, sse, chunks, headers = {} } = response;
  const payloads = chunks?.map((chunk) => (typeof chunk === 'string' ? chunk : JSON.stringify(chunk)));
  const provider = row.file.split('/')[0] ?? '';
  const stream = sse ?? payloads?.map(frame).join('');
  return { id: row.id, api: row.api, provider, request, status, headers, body, stream };
}
