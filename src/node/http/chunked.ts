import { parseHeaderLine, UNSAFE } from './response-head.ts';

/** The size from a chunk's size line, or null where the line is not exactly a number and well-formed extensions. */
export function parseChunkSize(line: string): number | null {
  let size = 0;
  let digits = 0;
  for (; digits < line.length; digits += 1) {
    const digit = hexDigit(line.charCodeAt(digits));
    if (digit === -1) break;
    size = size * 16 + digit;
  }
  if (digits === 0 || digits > SIZE_DIGITS_MAX) return null;
  return digits === line.length || EXTENSIONS.test(line.slice(digits)) ? size : null;
}

/** Why a trailer line is malformed, or null. Its content is ignored, but it may not speak about framing (RFC 9110 6.5.1). */
export function parseTrailer(line: string): string | null {
  if (UNSAFE.test(line)) return 'a trailer holds a control character or a bare line break';
  const trailer = parseHeaderLine(line);
  if (typeof trailer === 'string') return trailer;
  return FRAMING.has(trailer[0]) ? 'a trailer speaks about the framing' : null;
}

/** 48 bits: beyond any body, and exact as a number. */
const SIZE_DIGITS_MAX = 12;

/** RFC 9112 7.1.1 without optional blanks: `;name`, `;name=token`, `;name="text"`. */
const EXTENSIONS =
  /^(?:;[!#$%&'*+\-.^_`|~\w]+(?:=(?:[!#$%&'*+\-.^_`|~\w]+|"(?:[\t\u0020\u0021\u0023-\u005b\u005d-\u007e\u0080-\u00ff]|\\[\t\u0020-\u007e\u0080-\u00ff])*"))?)*$/;

const FRAMING = new Set(['content-length', 'transfer-encoding', 'connection', 'host', 'trailer', 'upgrade']);

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
