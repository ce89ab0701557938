/** The fields of T that have a value, each of which may be missing. */
export type Given<T> = { [Key in keyof T]?: T[Key] & ({} | null) };

/** The object without its undefined fields: in the shared language a field that was not given is missing. */
export function given<T extends object>(fields: T): Given<T> {
  const result: Given<T> = {};
  for (const key in fields) {
    const value = fields[key];
    if (value !== undefined) result[key] = value;
  }
  return result;
}
