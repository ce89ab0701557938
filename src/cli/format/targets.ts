import type { InspectedTarget } from '../../compose/inspect.ts';
import { paint } from '../terminal.ts';
import { rate, tokens } from './amount.ts';
import { table } from './table.ts';

export interface TargetTableOptions {
  /** Public name that was asked for: targets of other models are marked as standing in. */
  readonly of: string;
  readonly indent: string;
}

type Shown = Omit<InspectedTarget, 'known' | 'simulated'> & Partial<Pick<InspectedTarget, 'simulated'>>;

/** Targets in the order in which they are tried, with window and price. */
export function targetTable(targets: readonly Shown[], { of, indent }: TargetTableOptions): string {
  return table(
    targets.map((target, index) => [
      `${index + 1}.`,
      target.address,
      `${tokens(target.contextTokensMax)} context`,
      priceWords(target),
      notes(target, of),
    ]),
    indent,
  );
}

/** Input and output price per million tokens. */
export function priceWords({ inputRate, outputRate }: Pick<Shown, 'inputRate' | 'outputRate'>): string {
  if (inputRate === null && outputRate === null) return 'price unknown';
  return `${rate(inputRate)} in, ${rate(outputRate)} out per 1M`;
}

function notes({ servedModel, simulated }: Shown, of: string): string {
  const words = [
    ...(servedModel === of || servedModel === '' ? [] : [`stands in as ${servedModel}`]),
    ...(simulated === true ? ['simulated'] : []),
  ];
  return paint('dim', words.join(', '));
}
