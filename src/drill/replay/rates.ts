import { diceFrom, type Dice } from '../../simulator/answer/dice.ts';
import type { CsvTable } from './csv.ts';
import type { TraceRow } from './trace-row.ts';

/** Distributions of the time between two requests of a client, as they are fitted to real ones. */
type Draw = (dice: Dice, shape: number, scale: number) => number;

const FAMILIES: { readonly [name: string]: Draw } = {
  Gamma: gamma,
  // By inversion of its distribution function.
  Weibull: (dice, shape, scale) => scale * (-Math.log(1 - dice.next())) ** (1 / shape),
};

/** Of each client and window, requests of its first so many seconds are drawn, and no more than so many of them. */
const DRAWN_S = 10;
const DRAWN_MAX = 200;
/** Every so many windows of ten minutes one is used: a trace of a week need not have all of its requests. */
const WINDOW_STEP = 12;

/**
 * Arrivals drawn from a table of clients' rates: `window_start_s`, `rate_rps`, and the fitted `family`, `shape` and `scale` of
 * the seconds between requests. Clients draw independently, so that their peaks meet as they did. Lengths of prompts and
 * answers are not in the table; they are drawn, 10 to 250 tokens. The same file gives the same arrivals.
 */
export function arrivalsOfRates(file: string, { rows }: CsvTable): readonly TraceRow[] {
  const dice = diceFrom(`rates of ${file}`);
  const starts = [...new Set(rows.map((row) => row.cell('window_start_s')))];
  const used = new Set(starts.filter((_, index) => index % WINDOW_STEP === 0));
  return rows.flatMap((row) => {
    const rate = Number(row.cell('rate_rps'));
    if (rate === 0 || !used.has(row.cell('window_start_s'))) return [];
    const draw = FAMILIES[row.cell('family')];
    if (draw === undefined) throw row.wrong(`family must be one of ${Object.keys(FAMILIES).join(', ')}`);
    const [shape, scale] = [Number(row.cell('shape')), Number(row.cell('scale'))];
    if (!(rate > 0 && shape >= 0 && scale >= 0))
      throw row.wrong('rate_rps must be above 0, shape and scale not below');
    // A fit that was rounded away leaves the rate: requests that know nothing of one another.
    const next = (): number =>
      shape * scale === 0 ? -Math.log(1 - dice.next()) / rate : draw(dice, shape, scale);
    const startMs = Number(row.cell('window_start_s')) * 1000;
    const found: TraceRow[] = [];
    for (let s = next(); s < DRAWN_S && found.length < DRAWN_MAX; s += next())
      found.push({
        atMs: startMs + s * 1000,
        inputTokens: 50 + dice.below(950),
        outputTokens: 10 + dice.below(240),
      });
    return found;
  });
}

// Marsaglia and Tsang, "A simple method for generating gamma variables" (2000); below a shape of 1 with their boost.
function gamma(dice: Dice, shape: number, scale: number): number {
  if (shape < 1) return gamma(dice, shape + 1, scale) * (1 - dice.next()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(dice);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - dice.next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v * scale;
  }
}

// Box and Muller.
function normal(dice: Dice): number {
  return Math.sqrt(-2 * Math.log(1 - dice.next())) * Math.cos(2 * Math.PI * dice.next());
}
