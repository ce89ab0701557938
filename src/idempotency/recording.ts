import { brandText } from '../base/brand.ts';
import type { Bytes } from '../base/bytes.ts';
import type { FlatHeaders, Sink } from '../gateway/call.ts';
import type { FinishedAnswer } from '../store/store.ts';

/** Where the bytes of answers under way are counted, so that all of them together stay bounded. */
export interface Room {
  /** Whether so many more bytes may be held; they are counted where they may. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

/** Somebody who gets the same answer later than its owner, at his own pace. */
export interface RecordingFollower {
  /** There is more, or the end. */
  advance(): void;
}

export interface RecordingOptions {
  /** The client whose request it is. */
  readonly owner: Sink;
  /** Longest answer that is kept whole, in bytes. */
  readonly bytesMax: number;
  readonly room: Room;
}

/** How an answer begins. */
export interface RecordedHead {
  readonly status: number;
  readonly headers: FlatHeaders;
  readonly stream: boolean;
}

/**
 * An answer while it is sent: a sink in the place of the client's, which passes everything on to it and remembers it. Only
 * the owner's pace holds the provider back. Followers read what is remembered; the gateway is told that the client left when
 * nobody is there any more, or not at all where the answer is `held`.
 *
 * An answer that outgrows its bounds is not remembered: what all have read is forgotten, and a follower who lags behind the
 * bound is cut off.
 */
export class Recording implements Sink {
  readonly #bytesMax: number;
  readonly #room: Room;
  #owner: Sink | null;
  #pieces: Bytes[] = [];
  /** Number of pieces that were forgotten. */
  #forgotten = 0;
  #bytes = 0;
  #outgrown = false;
  #head: RecordedHead | null = null;
  #trailers: FlatHeaders = [];
  #ending: 'whole' | 'cut' | null = null;
  #held = false;
  #deserted: boolean;
  readonly #followers = new Set<RecordingFollower>();
  readonly #whenEnded: ((recording: Recording) => void)[] = [];
  #left: (() => void) | null = null;
  #drained: (() => void) | null = null;

  constructor({ owner, bytesMax, room }: RecordingOptions) {
    this.#bytesMax = bytesMax;
    this.#room = room;
    this.#deserted = owner.closed;
    this.#owner = owner.closed ? null : owner;
    owner.onClose(() => this.#ownerLeft());
  }

  get head(): RecordedHead | null {
    return this.#head;
  }

  get ending(): 'whole' | 'cut' | null {
    return this.#ending;
  }

  get trailers(): FlatHeaders {
    return this.#trailers;
  }

  /** Whether it is too long to be given again. */
  get outgrown(): boolean {
    return this.#outgrown;
  }

  /** How many pieces there were so far. */
  get pieceCount(): number {
    return this.#forgotten + this.#pieces.length;
  }

  /** A piece by its number; null where it was forgotten. */
  piece(number: number): Bytes | null {
    return this.#pieces[number - this.#forgotten] ?? null;
  }

  /** The whole of it once it ended; null where it was never begun or has outgrown its bounds. */
  finished(): FinishedAnswer | null {
    const { head, ending } = this;
    if (head === null || ending === null || this.#outgrown) return null;
    return {
      ...head,
      body: brandText<Bytes>(this.#pieces.join('')),
      trailers: this.#trailers,
      whole: ending === 'whole',
    };
  }

  /** From here on it is finished also where nobody waits for it. */
  hold(): void {
    this.#held = true;
    this.#deserted = false;
  }

  /** Whether everybody left and the gateway was told so: it is about to be given up, and nobody can join it any more. */
  get deserted(): boolean {
    return this.#deserted;
  }

  /** Calls back once, when it has ended. */
  whenEnded(listener: (recording: Recording) => void): void {
    this.#whenEnded.push(listener);
  }

  follow(follower: RecordingFollower): void {
    this.#followers.add(follower);
  }

  unfollow(follower: RecordingFollower): void {
    this.#followers.delete(follower);
    this.#tellIfDeserted();
  }

  get closed(): boolean {
    return this.#deserted;
  }

  get blocked(): boolean {
    return this.#owner?.blocked ?? false;
  }

  answer(status: number, headers: FlatHeaders, body: Bytes): void {
    if (this.#ending !== null) return;
    if (this.#head !== null) {
      this.cut();
      return;
    }
    this.#head = { status, headers, stream: false };
    this.#remember(body);
    this.#ending = 'whole';
    this.#owner?.answer(status, headers, body);
    this.#end();
  }

  open(headers: FlatHeaders): void {
    if (this.#head !== null || this.#ending !== null) return;
    this.#head = { status: 200, headers, stream: true };
    this.#owner?.open(headers);
    this.#advance();
  }

  write(bytes: Bytes): boolean {
    if (this.#ending !== null || bytes === '') return true;
    this.#remember(bytes);
    const flows = this.#owner?.write(bytes) ?? true;
    this.#advance();
    this.#forget();
    return flows;
  }

  end(trailers: FlatHeaders): void {
    if (this.#ending !== null) return;
    this.#trailers = trailers;
    this.#ending = 'whole';
    this.#owner?.end(trailers);
    this.#end();
  }

  cut(): void {
    if (this.#ending !== null) return;
    this.#ending = 'cut';
    this.#owner?.cut();
    this.#end();
  }

  onDrain(listener: () => void): void {
    this.#drained = listener;
    if (this.#owner === null) this.#drain();
    else this.#owner.onDrain(() => this.#drain());
  }

  onClose(listener: () => void): void {
    this.#left = listener;
  }

  #remember(bytes: Bytes): void {
    this.#bytes += bytes.length;
    this.#pieces.push(bytes);
    if (this.#outgrown || (this.#bytes <= this.#bytesMax && this.#room.take(bytes.length))) return;
    this.#outgrown = true;
    this.#room.give(this.#bytes - bytes.length);
  }

  // What has outgrown its bounds stays only for those who follow, and only a window of it; a whole answer is one piece.
  #forget(): void {
    if (!this.#outgrown) return;
    const windowMax = this.#head?.stream === true ? this.#bytesMax : Infinity;
    while (this.#pieces.length > 0 && (this.#followers.size === 0 || this.#bytes > windowMax)) {
      this.#bytes -= this.#pieces.shift()?.length ?? 0;
      this.#forgotten += 1;
    }
  }

  #advance(): void {
    for (const follower of this.#followers) follower.advance();
  }

  #end(): void {
    if (!this.#outgrown) this.#room.give(this.#bytes);
    for (const listener of this.#whenEnded) listener(this);
    this.#advance();
    this.#forget();
  }

  #ownerLeft(): void {
    this.#owner = null;
    // Whoever waits for the owner to read on must not wait for ever.
    this.#drain();
    this.#tellIfDeserted();
  }

  #drain(): void {
    const listener = this.#drained;
    this.#drained = null;
    listener?.();
  }

  #tellIfDeserted(): void {
    if (this.#owner !== null || this.#followers.size > 0 || this.#held) return;
    if (this.#ending !== null || this.#deserted) return;
    this.#deserted = true;
    this.#left?.();
  }
}
