// The few ambient web names that pure folders may use; everything else of the platform comes through `Runtime`.
// Only tsconfig.pure.json reads this file: elsewhere @types/node declares the same names.

interface TextDecoder {
  decode(input?: Uint8Array, options?: { readonly stream?: boolean }): string;
}
declare const TextDecoder: {
  new (label?: string, options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean }): TextDecoder;
};

interface TextEncoder {
  encode(input?: string): Uint8Array;
}
declare const TextEncoder: { new (): TextEncoder };

interface URL {
  readonly href: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly host: string;
  readonly port: string;
  readonly pathname: string;
  readonly search: string;
  readonly username: string;
  readonly password: string;
  readonly searchParams: { get(name: string): string | null };
}
declare const URL: { new (url: string, base?: string): URL; canParse(url: string, base?: string): boolean };

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
