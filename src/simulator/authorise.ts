import { header } from '../spec/wire.ts';
import type { Refusal } from './refusal.ts';
import { statusRefusal } from './faults/status-errors.ts';
import type { SimulatedRequest } from './script.ts';
import type { ProviderSettings, WireName } from './settings.ts';

/** Refuses a request whose key is missing or wrong, in the words of the wire's owner; null where it may pass. */
export function authorise(
  wire: WireName,
  request: SimulatedRequest,
  settings: ProviderSettings,
): Refusal | null {
  if (settings.keys === 'none') return null;
  const key = keyOf(wire, request);
  if (key === '') return MISSING[wire];
  if (settings.keys === 'any' || settings.keys.includes(key)) return null;
  return statusRefusal(wire, 'bad-key', undefined, { model: '', nowMs: 0 });
}

// Anthropic takes the key in either header since API version 2026-10-21; Google in a header or the query.
function keyOf(wire: WireName, request: SimulatedRequest): string {
  const bearer = /^bearer\s+(\S+)$/i.exec(header(request.headers, 'authorization') ?? '')?.[1] ?? '';
  switch (wire) {
    case 'chat':
      return bearer;
    case 'messages':
      return header(request.headers, 'x-api-key') ?? bearer;
    case 'generate-content': {
      const query = /[?&]key=([^&]+)/.exec(request.path)?.[1];
      return header(request.headers, 'x-goog-api-key') ?? query ?? bearer;
    }
  }
}

const MISSING: { readonly [wire in WireName]: Refusal } = {
  chat: {
    status: 401,
    message:
      "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing the API from your browser and are prompted for a username and password. You can obtain an API key from https://platform.openai.com/account/api-keys.",
  },
  messages: { status: 401, message: 'x-api-key header is required' },
  'generate-content': {
    status: 403,
    message:
      "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
  },
};
