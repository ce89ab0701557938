import { KEY_LENGTH_MAX } from '../keys/key-strength.ts';
import { looksLikeKey } from '../keys/key-format.ts';
import type { Caller, VirtualKey } from '../spec/identity.ts';
import type { Clock, Crypto, Log, Timer } from '../spec/ports.ts';
import type { Identification, KeyDirectoryView, KeyStore, RefusalReason } from './store.ts';

export interface KeyDirectoryOptions {
  readonly store: KeyStore;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly log: Log;
  /** Key of the digests; see pepper.ts. */
  readonly pepper: string;
  /** How often the store is read anew, for changes by other instances; null never. Default 15 seconds. */
  readonly refreshEveryMs?: number | null;
}

/**
 * All virtual keys in memory: tells who a presented key belongs to without touching the database. A store that fails leaves
 * the last good state in force, so it can never turn a valid key into a refusal. Keys are held as digests only.
 */
export class KeyDirectory implements KeyDirectoryView {
  readonly #options: KeyDirectoryOptions;
  #byDigest: ReadonlyMap<string, Entry> = new Map();
  #byId: ReadonlyMap<string, Entry> = new Map();
  readonly #recent = new RecentDigests();
  #changes = 0;
  #failures = 0;
  #timer: Timer | null = null;
  #closed = false;

  constructor(options: KeyDirectoryOptions) {
    this.#options = options;
  }

  /** Number of keys, also of those out of force. */
  get size(): number {
    return this.#byDigest.size;
  }

  /** Reads all keys; rejects where the store cannot be read, as there is no last good state yet. */
  async load(): Promise<void> {
    await this.#read();
    this.#schedule();
  }

  /** Tells who a presented key belongs to, or why it is refused. */
  identify(presented: string | undefined): Identification {
    if (presented === undefined || presented === '') return MISSING;
    if (presented.length > KEY_LENGTH_MAX) return refused('malformed', 'The key is far too long to be one.');
    const entry = this.#find(presented);
    if (entry === null) return unknown(presented);
    return this.#inForce(entry);
  }

  /** The same for a key that was identified before, by its id. */
  identifyById(keyId: string): Identification {
    const entry = this.#byId.get(keyId);
    return entry === undefined ? UNKNOWN : this.#inForce(entry);
  }

  /** The name that people gave to a key; null where there is no such key. */
  nameOf(keyId: string): string | null {
    return this.#byId.get(keyId)?.key.name ?? null;
  }

  /** The digest under which a key is kept. */
  digestOf(plain: string): string {
    return this.#options.crypto.hmac(this.#options.pepper, plain);
  }

  /** Takes a key that was just made or changed, so that it counts at once. */
  put(key: VirtualKey): void {
    this.#changes += 1;
    const entry = entryOf(key);
    this.#byDigest = new Map(this.#byDigest).set(key.hash, entry);
    this.#byId = new Map(this.#byId).set(key.keyId, entry);
  }

  /** Reads all keys anew; a failure is logged and changes nothing. */
  async refresh(): Promise<void> {
    try {
      await this.#read();
      if (this.#failures > 0) this.#options.log.info('Virtual keys are read anew again.', {});
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      if ((this.#failures & (this.#failures - 1)) !== 0) return;
      this.#options.log.warn('Virtual keys could not be read anew; the last known ones stay in force.', {
        failures: this.#failures,
        keys: this.#byDigest.size,
        error: error instanceof Error ? error.message : String(error),
      });
    }
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #inForce({ key, accepted }: Entry): Identification {
    if (key.revokedAtMs !== null) return REVOKED;
    if (key.expiresAtMs !== null && key.expiresAtMs <= this.#options.clock.nowMs()) return EXPIRED;
    return accepted;
  }

  #find(presented: string): Entry | null {
    const { crypto } = this.#options;
    const short = crypto.sha256(presented);
    const recent = this.#recent.get(short);
    if (recent !== undefined) return this.#byDigest.get(recent) ?? null;
    const digest = this.digestOf(presented);
    const entry = this.#byDigest.get(digest);
    if (entry === undefined || !crypto.equal(entry.key.hash, digest)) return null;
    this.#recent.set(short, digest);
    return entry;
  }

  async #read(): Promise<void> {
    for (let turn = 0; turn < READ_TURNS_MAX; turn += 1) {
      const changes = this.#changes;
      const keys = await this.#options.store.list();
      // A key that changed while the list was read may stand there in its old state: read again.
      if (changes !== this.#changes) continue;
      const entries = keys.map(entryOf);
      this.#byDigest = new Map(entries.map((entry) => [entry.key.hash, entry]));
      this.#byId = new Map(entries.map((entry) => [entry.key.keyId, entry]));
      return;
    }
  }

  #schedule(): void {
    const { refreshEveryMs = 15_000, clock } = this.#options;
    if (refreshEveryMs === null || this.#closed) return;
    this.#timer = clock.after(refreshEveryMs, () => void this.refresh().then(() => this.#schedule()));
  }
}

const READ_TURNS_MAX = 5;

interface Entry {
  readonly key: VirtualKey;
  /** Made once, so that a request allocates nothing. */
  readonly accepted: Identification;
}

function entryOf(key: VirtualKey): Entry {
  const { keyId, name, role, models, directTargets, tags } = key;
  const caller: Caller = Object.freeze({ keyId, name, role, models, directTargets, tags });
  return { key, accepted: Object.freeze({ type: 'caller', caller }) };
}

/**
 * Remembers the digest of the valid keys last seen, under their plain SHA-256: measured, that takes half a microsecond in
 * place of four for the keyed digest and its comparison. It holds whole hashes, never key texts or parts of them; a digest
 * of a text never changes, so nothing has to be forgotten when a key changes; unknown keys never get in.
 */
class RecentDigests {
  readonly #digests = new Map<string, string>();

  get(short: string): string | undefined {
    return this.#digests.get(short);
  }

  set(short: string, digest: string): void {
    if (this.#digests.size >= RECENT_MAX) {
      const [oldest] = this.#digests.keys();
      if (oldest !== undefined) this.#digests.delete(oldest);
    }
    this.#digests.set(short, digest);
  }
}

const RECENT_MAX = 10_000;

function unknown(presented: string): Identification {
  const form = looksLikeKey(presented);
  return form.type === 'typo' ? refused('malformed', `The key is mistyped: ${form.reason}.`) : UNKNOWN;
}

function refused(reason: RefusalReason, message: string): Identification {
  return { type: 'refused', reason, message };
}

const MISSING = refused(
  'missing',
  'A virtual key is missing. Send one as "Authorization: Bearer bw_live_..." or in the header x-api-key.',
);
const UNKNOWN = refused('unknown', 'This virtual key is not known here.');
const EXPIRED = refused('expired', 'This virtual key has expired. Ask for a new one.');
const REVOKED = refused('revoked', 'This virtual key was revoked. Ask for a new one.');
