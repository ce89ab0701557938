/** The fields of an object that have a value, each of which may be missing. */
export type Given<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** The object without its undefined fields: a field that was not given is missing, which is not the same as undefined. */
export function given<Fields extends object>(fields: Fields): Given<Fields> {
  const result: Given<Fields> = {};
  for (const name in fields) {
    const value = fields[name];
    if (isGiven(value)) result[name] = value;
  }
  return result;
}

function isGiven<Value>(value: Value): value is Exclude<Value, undefined> {
  return value !== undefined;
}
