import type { Inspection } from '../../compose/inspect.ts';
import { fine, look, type Finding } from './finding.ts';

const OLD_DAYS = 120;
const DAY_MS = 86_400_000;

/** The newest price list among the targets in use; null where none has a price. */
export function newestPriceDay({ names }: Inspection): string | null {
  return (
    names
      .flatMap(({ targets }) => targets.flatMap(({ pricedOn }) => pricedOn ?? []))
      .toSorted()
      .at(-1) ?? null
  );
}

/** How old the prices are, and which targets have none. */
export function catalogueFindings(inspection: Inspection, nowMs: number): readonly Finding[] {
  const day = newestPriceDay(inspection);
  const warnings = inspection.warnings.map((warning) => look('Models', warning));
  if (day === null) return warnings;
  const days = Math.floor((nowMs - Date.parse(day)) / DAY_MS);
  const age =
    days > OLD_DAYS
      ? look('Prices', `They are of ${day}, ${days} days old: a newer version of Bellwether has newer ones.`)
      : fine('Prices', `They are of ${day}.`);
  return [age, ...warnings];
}
