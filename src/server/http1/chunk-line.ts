/** The size from a chunk's size line, or null where the line is not exactly a number and well-formed extensions. */
export function chunkSize(line: string): number | null {
  const extension = line.indexOf(';');
  const digits = extension === -1 ? line : line.slice(0, extension);
  if (!SIZE.test(digits)) return null;
  if (extension !== -1 && !EXTENSIONS.test(line.slice(extension))) return null;
  return Number.parseInt(digits, 16);
}

/** Whether a trailer line is sound. Trailers are ignored, but one about framing is an attack (RFC 9110 6.5.1). */
export function isSoundTrailer(line: string): boolean {
  return TRAILER.test(line) && !FRAMING.test(line);
}

/** Eight digits: 4 GB, beyond any body that is taken. */
const SIZE = /^[0-9A-Fa-f]{1,8}$/;

/** RFC 9112 7.1.1 without optional blanks: `;name`, `;name=token`, `;name="text"`. */
const EXTENSIONS =
  /^(?:;[!#$%&'*+\-.^_`|~\w]+(?:=(?:[!#$%&'*+\-.^_`|~\w]+|"(?:[\t\u0020\u0021\u0023-\u005b\u005d-\u007e\u0080-\u00ff]|\\[\t\u0020-\u007e\u0080-\u00ff])*"))?)*$/;

const TRAILER = /^[!#$%&'*+\-.^_`|~\w]+:[\t\u0020-\u007e\u0080-\u00ff]*$/;
const FRAMING = /^(?:content-length|transfer-encoding|connection|host|trailer|upgrade|expect|te):/i;
