/**
 * An id that sorts by its time: twelve hexadecimal digits of milliseconds, then what makes it unique. Where ids are kept in
 * the order of their making, an index over them grows at its end and not all over the place.
 */
export function timeId(prefix: string, ms: number, unique: string): string {
  return prefix + Math.floor(ms).toString(16).padStart(12, '0') + unique;
}
