declare const brand: unique symbol;

/** A primitive with a name: a `Brand<string, 'Bytes'>` cannot be passed where another kind of text is meant. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

/** Names a text. Call it where the text's meaning was just checked; these are the only casts of the program. */
export function brandText<Branded extends Brand<string, string>>(value: string): Branded {
  return value as Branded;
}

/** Names an integer. */
export function brandInteger<Branded extends Brand<bigint, string>>(value: bigint): Branded {
  return value as Branded;
}
