import { base64ToBytes, bytesToBase64 } from '../base/base64.ts';
import { brandText } from '../base/brand.ts';
import { textToBytes, type Bytes } from '../base/bytes.ts';
import type { Crypto } from '../spec/ports.ts';

/** The key inside a secret of Standard Webhooks: base64, with or without `whsec_`; null where it is none, or too short. */
export function webhookKey(secret: string): Bytes | null {
  const key = base64ToBytes(secret.trim().replace(/^whsec_/, ''));
  return key === null || key.length < KEY_BYTES_MIN ? null : key;
}

// 24 to 64 bytes are recommended; what an operator's tool made of 16 still cannot be guessed.
const KEY_BYTES_MIN = 16;

/** A message to be signed. */
export interface SignedMessage {
  /** The same for every try, so that receivers can tell a repetition. */
  readonly id: string;
  readonly timestampS: number;
  readonly body: Bytes;
}

/**
 * The value of `webhook-signature`: `v1,` and the HMAC-SHA-256 of id, time and body in base64
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
 */
export function webhookSignature(
  crypto: Pick<Crypto, 'hmacBytes'>,
  key: Bytes,
  { id, timestampS, body }: SignedMessage,
): string {
  const signed = brandText<Bytes>(textToBytes(`${id}.${timestampS}.`) + body);
  return `v1,${bytesToBase64(crypto.hmacBytes(key, signed))}`;
}
