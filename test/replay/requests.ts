import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { RequestPath } from '../../src/protocols/protocol.ts';
import { sharedPath } from '../shared.ts';
import { at, listAt, textAt, type Value } from './oracle/reading.ts';
import { recordingsOf } from './recordings.ts';

/** A request that a real client sent, or that was really sent to a provider. */
export interface ClientRequest {
  /** Where it stands, for messages: a case, a recording, or a client's file and position. */
  readonly name: string;
  readonly api: string;
  readonly path: RequestPath;
  readonly body: Value;
}

/** Folders of the cross-provider cases whose requests are of a wire, by the recorder's name of that wire. */
export const CROSS_FOLDERS: { readonly [api: string]: string } = {
  chat: 'chat-completions',
  messages: 'anthropic',
  'generate-content': 'google',
};

/** The requests of the cross-provider cases. */
export function crossRequests(api: string): readonly ClientRequest[] {
  const folder = CROSS_FOLDERS[api] ?? '';
  const cases = readdirSync(sharedPath('fixtures', 'cross-provider'), { withFileTypes: true });
  return cases
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) =>
      ['request.json', 'followup-request.json'].flatMap((file) =>
        crossRequest(api, path.join(entry.name, folder, file)),
      ),
    );
}

function crossRequest(api: string, file: string): readonly ClientRequest[] {
  const body = readJson(sharedPath('fixtures', 'cross-provider', file));
  return body === null
    ? []
    : [{ name: file, api, body, path: { model: textAt(body, 'model') || 'some-model', stream: false } }];
}

/** Requests whose answers were recorded, and which the provider did not refuse. */
export function recordedRequests(api: string): readonly ClientRequest[] {
  return recordingsOf(api)
    .filter((recording) => recording.status === 200 && recording.request !== null)
    .map(({ id, model, request, answer }) => ({
      name: id,
      api,
      body: request,
      path: { model, stream: answer.type === 'stream' },
    }));
}

const ADDRESSES: readonly { readonly api: string; readonly pattern: RegExp }[] = [
  { api: 'chat', pattern: /\/chat\/completions$/ },
  { api: 'messages', pattern: /\/v1\/messages(\?beta=true)?$/ },
  { api: 'generate-content', pattern: /\/models\/(?<model>[^:/]+):(stream)?[gG]enerateContent/ },
];

/** Requests of real clients against a loopback server. */
export function clientRequests(api: string): readonly ClientRequest[] {
  const files = readdirSync(sharedPath('fixtures', 'clients')).filter((file) => file.endsWith('.json'));
  const { pattern } = ADDRESSES.find((address) => address.api === api) ?? {};
  return files.flatMap((file) =>
    listAt(readJson(sharedPath('fixtures', 'clients', file)) ?? null, 'requests').flatMap(
      (request, position) => {
        const found = pattern?.exec(textAt(request, 'url'));
        const body = at(request, 'body');
        if (!found || typeof body !== 'object' || body === null) return [];
        const model = found.groups?.['model'] ?? textAt(body, 'model');
        const stream = textAt(request, 'url').includes(':stream');
        return [{ name: `${file} ${position}`, api, body: withoutCuts(body), path: { model, stream } }];
      },
    ),
  );
}

// Where the recorder shortened a list of tools, a sentence stands in the list.
function withoutCuts(body: Value): Value {
  const tools = listAt(body, 'tools');
  const whole = tools.filter((tool) => typeof tool === 'object');
  return whole.length === tools.length ? body : { ...(body as object), tools: whole };
}

function readJson(file: string): Value {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Value;
  } catch {
    return null;
  }
}
