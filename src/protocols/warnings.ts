import type { Warning, WarningCode } from '../spec/generate.ts';

/** Collects what a target cannot express while a request is encoded; the same remark about the same field counts once. */
export class Warnings {
  readonly #byRemark = new Map<string, Warning>();

  add(code: WarningCode, field: string, message: string): void {
    const remark = `${code} ${field} ${message}`;
    if (!this.#byRemark.has(remark)) this.#byRemark.set(remark, { code, field, message });
  }

  list(): readonly Warning[] {
    return [...this.#byRemark.values()];
  }
}
