/**
 * Cuts a stream of bytes into whole events, however it arrives. Bytes come out as they went in: an event is given with its
 * blank line, so that what is passed on is what the provider sent.
 */
export class WholeEvents {
  #rest = '';

  /** The events that are complete with these bytes. */
  push(bytes: string): readonly string[] {
    this.#rest += bytes;
    const events: string[] = [];
    let from = 0;
    for (const { 0: blank, index } of this.#rest.matchAll(BLANK_LINE)) {
      events.push(this.#rest.slice(from, index + blank.length));
      from = index + blank.length;
    }
    this.#rest = this.#rest.slice(from);
    return events;
  }

  /** What came behind the last whole event. */
  rest(): string {
    return this.#rest;
  }
}

/** Whether an event says anything: comments do not, and are not counted. */
export function saysSomething(event: string): boolean {
  return /^(?:data|event)/m.test(event);
}

const BLANK_LINE = /\r\n\r\n|\n\n|\r\r/g;
