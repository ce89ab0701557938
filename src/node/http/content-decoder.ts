import type { Transform } from 'node:stream';
import { brandText } from '../../base/brand.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { Headers } from '../../spec/wire.ts';
import type { Refusal } from './failure.ts';

/** Who hears the decoded body, and can slow its source down. */
export interface DecodedSink {
  onDecoded(bytes: Bytes): void;
  onDecodedEnd(): void;
  onDecodeFail(refusal: Refusal): void;
  pauseSource(): void;
  resumeSource(): void;
}

/** The headers of an answer once its content coding is taken off. */
export function withoutCoding(headers: Headers): Headers {
  return headers.filter(([name]) => name !== 'content-encoding' && name !== 'content-length');
}

/**
 * Takes a content coding off a body. We ask for plain answers, but a proxy may compress all the same; this path is rare
 * and loads zlib when it is first met. The output is bounded, as a few kilobytes can decompress to gigabytes.
 */
export class ContentDecoder {
  readonly #coding: string;
  readonly #sink: DecodedSink;
  readonly #sizeBytesMax: number;
  #stream: Transform | null = null;
  #paused = false;
  #over = false;

  constructor(coding: string, sizeBytesMax: number, sink: DecodedSink) {
    this.#coding = coding;
    this.#sizeBytesMax = sizeBytesMax;
    this.#sink = sink;
  }

  push(bytes: Bytes): void {
    if (this.#over) return;
    this.#stream ??= this.#open();
    if (!this.#stream.write(Buffer.from(bytes, 'latin1'))) this.#sink.pauseSource();
  }

  /** The source is complete. A coded body of no bytes at all is an empty body. */
  end(): void {
    if (this.#over) return;
    if (this.#stream === null) this.#finish();
    else this.#stream.end();
  }

  pause(): void {
    this.#paused = true;
    this.#stream?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#stream?.resume();
  }

  destroy(): void {
    this.#over = true;
    this.#stream?.destroy();
    this.#stream = null;
  }

  #open(): Transform {
    const stream = createDecompressor(this.#coding);
    let sizeBytes = 0;
    stream.on('data', (chunk: Buffer) => {
      if (this.#over) return;
      sizeBytes += chunk.length;
      if (sizeBytes > this.#sizeBytesMax) {
        this.#fail('too-large', `The answer decompresses to more than ${this.#sizeBytesMax} bytes.`);
      } else this.#sink.onDecoded(brandText<Bytes>(chunk.toString('latin1')));
    });
    stream.on('drain', () => this.#sink.resumeSource());
    stream.on('end', () => {
      if (!this.#over) this.#finish();
    });
    stream.on('error', () => {
      if (!this.#over) this.#fail('malformed', `The answer is not valid ${this.#coding} data.`);
    });
    if (this.#paused) stream.pause();
    return stream;
  }

  #finish(): void {
    this.destroy();
    this.#sink.onDecodedEnd();
  }

  #fail(type: Refusal['type'], message: string): void {
    this.destroy();
    this.#sink.onDecodeFail({ type, message });
  }
}

/** Whether this coding can be taken off; several codings at once are not accepted. */
export function isKnownCoding(coding: string): boolean {
  return CODINGS.has(coding);
}

const CODINGS = new Set(['gzip', 'x-gzip', 'deflate', 'br', 'zstd']);

function createDecompressor(coding: string): Transform {
  const zlib = process.getBuiltinModule('node:zlib');
  if (coding === 'br') return zlib.createBrotliDecompress();
  if (coding === 'zstd') return zlib.createZstdDecompress();
  // Unzip tells gzip from deflate by the first bytes, whatever the header called it.
  return zlib.createUnzip();
}
