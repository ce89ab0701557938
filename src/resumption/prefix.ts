/** Delivered text, cut where a model can go on with it. */
export interface Prefix {
  /** What a model is shown as its own words so far: ends neither in white space nor in half a character. */
  readonly prefix: string;
  /** White space that was cut off, because Anthropic refuses a last message that ends with it. */
  readonly space: string;
  /** First half of a character whose second half was never delivered, or nothing. */
  readonly half: string;
}

/** Cuts delivered text: `prefix + space + half` is the text. */
export function splitPrefix(text: string): Prefix {
  const whole = endsInHalf(text) ? text.slice(0, -1) : text;
  const prefix = whole.trimEnd();
  return { prefix, space: whole.slice(prefix.length), half: text.slice(whole.length) };
}

/** Whether text ends in the first half of a surrogate pair. */
export function endsInHalf(text: string): boolean {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff;
}
