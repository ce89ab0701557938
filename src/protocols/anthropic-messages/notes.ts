import type { Warning, WarningCode } from '../../spec/generate.ts';

/** Collects what a target cannot express while a request is encoded; the same remark about the same field counts once. */
export class Notes {
  readonly #warnings = new Map<string, Warning>();

  add(code: WarningCode, field: string, message: string): void {
    const key = `${code} ${field} ${message}`;
    if (!this.#warnings.has(key)) this.#warnings.set(key, { code, field, message });
  }

  list(): readonly Warning[] {
    return [...this.#warnings.values()];
  }
}
