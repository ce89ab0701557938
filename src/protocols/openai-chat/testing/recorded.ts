import { readFileSync } from 'node:fs';
import { sharedPath } from '../../../../test/shared.ts';
import type { Json } from '../../../base/json.ts';

/** A recorded exchange with a provider of this wire. */
export interface Recorded {
  readonly id: string;
  readonly provider: string;
  readonly request: { readonly body: Json } | null;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json | undefined;
  /** The answer's event stream as text. */
  readonly stream: string | undefined;
}

/** All recorded exchanges of the given API; `../shared` must be there. */
export function recorded(api: 'chat' | 'embeddings'): readonly Recorded[] {
  const lines = readFileSync(sharedPath('fixtures', 'index.jsonl'), 'utf8').trim().split('\n');
  const rows = lines.map((line) => JSON.parse(line) as { id: string; api: string; file: string });
  return rows.filter((row) => row.api === api).map(({ id, file }) => read(id, file));
}

function read(id: string, file: string): Recorded {
  const { request, response } = JSON.parse(readFileSync(sharedPath('fixtures', file), 'utf8')) as {
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
  const provider = file.split('/')[0] ?? '';
  return { id, provider, request, status, headers, body, stream: sse ?? chunks?.map(frame).join('') };
}

// Where only the payloads were recorded, the framing is put around them as the API does it.
function frame(chunk: Json): string {
  return `data: ${typeof chunk === 'string' ? chunk : JSON.stringify(chunk)}\n\n`;
}
