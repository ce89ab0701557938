/** A request to one of the programs under test, as everything here sends it. */
export interface HttpRequest {
  readonly port: number;
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** The request as it goes over the wire. */
export function requestText({ port, path, headers, body }: HttpRequest): string {
  const lines = [
    `POST ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** Follows one answer on a connection: its status, and whether it is complete. Bodies must be framed by length or chunks. */
export class AnswerReader {
  #text = '';
  #head: string | null = null;
  #bodyBytes = 0;
  /** All bytes of the answer so far, head included. */
  bytes = 0;

  /** Takes bytes as latin1 text and says whether the answer is complete now. */
  push(text: string): boolean {
    this.bytes += text.length;
    if (this.#head === null) {
      this.#text += text;
      const end = this.#text.indexOf('\r\n\r\n');
      if (end < 0) return false;
      this.#head = this.#text.slice(0, end).toLowerCase();
      this.#text = this.#text.slice(end + 4);
      this.#bodyBytes = this.#text.length;
    } else {
      this.#text = this.#text.slice(-KEPT) + text;
      this.#bodyBytes += text.length;
    }
    return this.#isComplete(this.#head);
  }

  get status(): number {
    return Number(this.#head?.slice(9, 12) ?? 0);
  }

  #isComplete(head: string): boolean {
    const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1];
    if (length !== undefined) return this.#bodyBytes >= Number(length);
    // The last chunk, with trailers or without; no body here contains such a sequence.
    return /(?:^|\r\n)0\r\n(?:[^\r\n]+\r\n)*\r\n$/.test(this.#text);
  }
}

const KEPT = 2048;
