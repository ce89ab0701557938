import { classifyHost, mayConnect } from '../base/address.ts';

/** Where webhooks may lead. */
export interface WebhookRules {
  /** Whether deliveries can be signed. */
  readonly signed: boolean;
  /** Whether private addresses and plain http are allowed. */
  readonly allowPrivate: boolean;
}

const URL_LENGTH_MAX = 2_000;

/**
 * What is wrong with the address of a webhook; null where news may go there. What a name resolves to is looked at again when
 * it is connected to.
 */
export function webhookProblem(url: string, { signed, allowPrivate }: WebhookRules): string | null {
  if (!signed) return 'this gateway has no secret to sign webhooks with (queue.webhook_secret)';
  if (url.length > URL_LENGTH_MAX) return `it is longer than ${URL_LENGTH_MAX} characters`;
  if (!URL.canParse(url)) return 'it is not a URL';
  const { protocol, username, password, hostname } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') return 'it must begin with https://';
  if (protocol === 'http:' && !allowPrivate)
    return 'it must begin with https://, so that nobody reads answers';
  if (username !== '' || password !== '') return 'it must not hold a user name or password';
  const address = classifyHost(hostname);
  if (mayConnect(address, allowPrivate)) return null;
  return `it leads to a ${address} address, which webhooks may not reach here`;
}
