/** Who a virtual key turned out to be, and what it may do. */
export interface Caller {
  /** Id of the virtual key; never the key itself. */
  readonly keyId: string;
  readonly name: string;
  /** `inference` keys call models, `admin` keys call the admin API as well. */
  readonly role: KeyRole;
  /** Public models and routes that may be asked for; null means all. */
  readonly models: readonly string[] | null;
  /** Whether `provider/upstream-model` may be addressed directly. */
  readonly directTargets: boolean;
  readonly tags: readonly string[];
}

/** What a virtual key may be used for. */
export const KEY_ROLES = ['inference', 'admin'] as const;
/** One of them. */
export type KeyRole = (typeof KEY_ROLES)[number];

/** A virtual key at rest. The secret itself is nowhere: only its HMAC, made with the installation's pepper. */
export interface VirtualKey extends Caller {
  readonly hash: string;
  /** First and last characters for people to recognise it by: `bw_live_3fK…x9Qz`. */
  readonly hint: string;
  readonly createdAtMs: number;
  /** Null never expires. */
  readonly expiresAtMs: number | null;
  /** Null is in force. */
  readonly revokedAtMs: number | null;
}
