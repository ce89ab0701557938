import type { AdminOptions } from '../admin/door.ts';

/** Options of `bellwether drill`; which of them are given says what kind of drill it is. */
export interface DrillOptions extends AdminOptions {
  readonly provider?: string;
  readonly fault?: string;
  readonly share?: string;
  readonly for?: string;
  readonly scenario?: string;
  readonly print?: boolean;
  readonly list?: boolean;
  readonly replay?: string;
  readonly services?: readonly string[];
  readonly period?: string;
  readonly mode?: string;
  readonly requests?: string;
  readonly seed?: string;
  readonly json?: boolean;
}
