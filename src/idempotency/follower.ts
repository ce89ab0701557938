import { brandText } from '../base/brand.ts';
import type { Bytes } from '../base/bytes.ts';
import type { Sink } from '../gateway/call.ts';
import type { FinishedAnswer } from '../store/store.ts';
import type { RecordedHead, Recording, RecordingFollower } from './recording.ts';

/** Header that tells a repeated request's answer from a first one's. */
const REPLAYED_HEADER = ['idempotent-replayed', 'true'] as const;

/** What became of a client that joined a call under way. */
export type Followed =
  | { readonly type: 'answered'; readonly status: number; readonly bytes: number }
  | { readonly type: 'left' }
  /** The call was given up before it said anything: the client has nothing yet and may begin anew. */
  | { readonly type: 'nothing' };

/** Gives a client the answer to a call under way: all that was sent so far, then what comes, at the client's own pace. */
export function follow(recording: Recording, sink: Sink): Promise<Followed> {
  return new Promise((resolve) => {
    const follower = new Follower(recording, sink, resolve);
    recording.follow(follower);
    sink.onClose(() => follower.leave());
    if (sink.closed) follower.leave();
    else follower.advance();
  });
}

/** Gives a client an answer that was finished before. */
export function replay(answer: FinishedAnswer, sink: Sink): void {
  const headers = [...answer.headers, ...REPLAYED_HEADER];
  if (!answer.stream) {
    sink.answer(answer.status, headers, answer.body);
    return;
  }
  sink.open(headers);
  sink.write(answer.body);
  if (answer.whole) sink.end(answer.trailers);
  else sink.cut();
}

class Follower implements RecordingFollower {
  readonly #recording: Recording;
  readonly #sink: Sink;
  readonly #resolve: (followed: Followed) => void;
  #next = 0;
  #bytes = 0;
  #opened = false;
  #waiting = false;
  #done = false;

  constructor(recording: Recording, sink: Sink, resolve: (followed: Followed) => void) {
    this.#recording = recording;
    this.#sink = sink;
    this.#resolve = resolve;
  }

  advance(): void {
    if (this.#done || this.#waiting) return;
    const { head, ending } = this.#recording;
    if (head === null) {
      if (ending !== null) this.#finish({ type: 'nothing' });
    } else if (head.stream) this.#stream(head);
    else if (ending !== null) this.#answer(head);
  }

  leave(): void {
    this.#finish({ type: 'left' });
  }

  #answer({ status, headers }: RecordedHead): void {
    const body = this.#recording.piece(0) ?? brandText<Bytes>('');
    this.#bytes = body.length;
    this.#sink.answer(status, [...headers, ...REPLAYED_HEADER], body);
    this.#finish({ type: 'answered', status, bytes: this.#bytes });
  }

  #stream({ status, headers }: RecordedHead): void {
    const recording = this.#recording;
    if (!this.#opened) {
      this.#opened = true;
      this.#sink.open([...headers, ...REPLAYED_HEADER]);
    }
    while (this.#next < recording.pieceCount) {
      const piece = recording.piece(this.#next);
      if (piece === null) {
        // It read too slowly: what it lacks was forgotten.
        this.#sink.cut();
        this.#finish({ type: 'answered', status, bytes: this.#bytes });
        return;
      }
      this.#next += 1;
      this.#bytes += piece.length;
      if (!this.#sink.write(piece)) {
        this.#wait();
        return;
      }
    }
    if (recording.ending === null) return;
    if (recording.ending === 'whole') this.#sink.end(recording.trailers);
    else this.#sink.cut();
    this.#finish({ type: 'answered', status, bytes: this.#bytes });
  }

  #wait(): void {
    this.#waiting = true;
    this.#sink.onDrain(() => {
      this.#waiting = false;
      this.advance();
    });
  }

  #finish(followed: Followed): void {
    if (this.#done) return;
    this.#done = true;
    this.#recording.unfollow(this);
    this.#resolve(followed);
  }
}
