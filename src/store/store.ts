import type { RequestFinished } from '../spec/event.ts';
import type { Caller, VirtualKey } from '../spec/identity.ts';

/**
 * What the gateway keeps, as narrow interfaces. A store writes what it is given: ids, digests and times are made above it.
 * Every method may reject with a `StoreError`; nobody calls one on the path of a request.
 */
export interface Stores {
  readonly keys: KeyStore;
  readonly requests: RequestLogStore;
  readonly settings: SettingStore;
  /** Null where the store works; otherwise what is wrong with it. */
  health(): Promise<string | null>;
  close(): Promise<void>;
}

/** Virtual keys at rest. */
export interface KeyStore {
  /** Adds a key; rejects with `conflict` where its id or its digest is there already. */
  create(key: VirtualKey): Promise<void>;
  /** All keys, also expired and revoked ones, oldest first. */
  list(): Promise<readonly VirtualKey[]>;
  get(keyId: string): Promise<VirtualKey | null>;
  /** Changes what is given and leaves the rest; null where there is no such key. */
  update(keyId: string, change: KeyUpdate): Promise<VirtualKey | null>;
  /** Puts a key out of force for good. A second call changes nothing, also not the time. */
  revoke(keyId: string, atMs: number): Promise<VirtualKey | null>;
}

/** The fields of a key that may change after it was made. */
export interface KeyUpdate {
  readonly name?: string;
  readonly models?: readonly string[] | null;
  readonly directTargets?: boolean;
  readonly tags?: readonly string[];
  readonly expiresAtMs?: number | null;
}

/** A finished request as it is kept: the event, without the tag that tells it from other events. */
export type RequestLogRow = Omit<RequestFinished, 'type'>;

/** The log of finished requests: who, where to, what it cost and how it went. Never contents. */
export interface RequestLogStore {
  /** Adds rows in one transaction. A row whose request id is there already is left out, so a batch may be sent again. */
  append(rows: readonly RequestLogRow[]): Promise<void>;
  /** One page, newest start first. */
  list(query: RequestLogQuery): Promise<RequestLogPage>;
  get(requestId: string): Promise<RequestLogRow | null>;
  /** Deletes up to `batch` rows that started before; returns how many, so that the caller can pause in between. */
  prune(startedBeforeMs: number, batch: number): Promise<number>;
}

export interface RequestLogQuery {
  readonly filters: RequestLogFilters;
  /** Where the page before ended; null for the first. */
  readonly cursor: string | null;
  readonly limit: number;
}

/** A row must meet all that are given. */
export interface RequestLogFilters {
  /** Started at or after. */
  readonly fromMs?: number;
  /** Started before. */
  readonly toMs?: number;
  readonly keyId?: string;
  readonly model?: string;
  /** Address of the target that answered. */
  readonly target?: string;
  readonly status?: number;
  /** `failed`: a status of 400 or more. `recovered`: answered, but not by the first attempt. */
  readonly outcome?: RequestOutcome;
}

export const REQUEST_OUTCOMES = ['failed', 'recovered'] as const;
export type RequestOutcome = (typeof REQUEST_OUTCOMES)[number];

export interface RequestLogPage {
  readonly rows: readonly RequestLogRow[];
  /** Continues after the last row; null where there is nothing more. */
  readonly nextCursor: string | null;
}

/** Small named texts of the installation. */
export interface SettingStore {
  get(name: string): Promise<string | null>;
  set(name: string, value: string): Promise<void>;
}

/** What a presented key turned out to be. The message is fit for the client. */
export type Identification =
  | { readonly type: 'caller'; readonly caller: Caller }
  | { readonly type: 'refused'; readonly reason: RefusalReason; readonly message: string };

/** Why a presented key is refused. */
export type RefusalReason = 'missing' | 'malformed' | 'unknown' | 'expired' | 'revoked';

/** Tells who a presented key belongs to, from memory. */
export interface KeyDirectoryView {
  identify(presented: string | undefined): Identification;
}

/** What somebody decides about a new key. */
export interface NewKey extends Omit<Caller, 'keyId'> {
  /** Null never expires. */
  readonly expiresAtMs: number | null;
}

/** A key that was just made. The plain text exists here and nowhere else. */
export interface IssuedKey {
  readonly key: VirtualKey;
  readonly plain: string;
}

/** Makes, changes and revokes virtual keys: in the store first, then in the directory, then as an event. */
export interface KeyDesk {
  issue(wanted: NewKey): Promise<IssuedKey>;
  /**
   * Puts a key in force whose text the operator chose, known by its name: a text that was given under this name before, and
   * differs, is revoked. Rejects a weak text and one that was revoked.
   */
  adopt(plain: string, wanted: NewKey): Promise<VirtualKey>;
  list(): Promise<readonly VirtualKey[]>;
  get(keyId: string): Promise<VirtualKey | null>;
  update(keyId: string, change: KeyUpdate): Promise<VirtualKey | null>;
  revoke(keyId: string): Promise<VirtualKey | null>;
}
