import { outageCeilings, type CommonOutage, type OutageCeiling } from '../../compose/outage-ceiling.ts';
import type { Inspection } from '../../compose/inspect.ts';
import { fine, look, type Finding } from './finding.ts';

/** Nothing above this is promised, whatever a few months of status pages say. */
const PROMISED_MAX = 0.9999;
const NAMES_MAX = 4;

/** What availability the configured providers allow at best, by outages that happened: no router can give more. */
export async function ceilingFindings(inspection: Inspection): Promise<readonly Finding[]> {
  const ceilings = await outageCeilings(inspection);
  return ceilings.map((each) => describeCeiling(each, ceilings.length > 1));
}

/** One set of providers in words; the models are named where there are several sets. */
export function describeCeiling(set: OutageCeiling, nameModels: boolean): Finding {
  const { known, unknown, ceiling } = set;
  const alone = known.length + unknown.length === 1;
  const enough = !alone && ceiling !== null && ceiling >= PROMISED_MAX;
  const sentences = [
    nameModels ? `${listed(set.models)}:` : '',
    alone
      ? `All depends on ${listed([...known, ...unknown])}, and there is nowhere to go when it is down.`
      : '',
    outageSentence(known, set.periods),
    promiseSentence(ceiling, alone),
    unknown.length === 0
      ? ''
      : `Nothing is known about the outages of ${listed(unknown)}: what ${unknown.length === 1 ? 'it adds' : 'they add'} is not counted.`,
    enough ? '' : advice(set),
  ].filter((sentence) => sentence !== '');
  const finding = (enough ? fine : look)(ABOUT, sentences.join(' '));
  return { ...finding, figures: { promise: promised(ceiling), ...set } };
}

const ABOUT = 'Availability';

function outageSentence(known: readonly string[], periods: readonly CommonOutage[]): string {
  if (periods.length === 0) return '';
  const together = known.length === 1 ? '' : `${known.length === 2 ? ' both' : ' all'} at once`;
  const times = periods.map(({ days, minutes, allDownMinutes }) => {
    const count = allDownMinutes === 0 ? 'in none' : `for ${grouped(allDownMinutes)}`;
    return `${count} of ${grouped(minutes)} minutes (${days})`;
  });
  const verb = known.length === 1 ? 'was' : 'were';
  return `${listed(known)} ${verb}${together} in announced incidents ${listed(times)}.`;
}

function promiseSentence(ceiling: number | null, alone: boolean): string {
  const share = promised(ceiling);
  if (share === null) return alone ? 'Nothing can be promised.' : '';
  const text = `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;
  if (alone) return `At most ${text} can be promised, and less as status pages tell of few troubles.`;
  return ceiling !== null && ceiling > PROMISED_MAX
    ? `${text} can be promised, and no more: a few months without a common outage do not exclude one.`
    : `At most ${text} can be promised.`;
}

// A share that is never rounded up; null where nothing is known.
function promised(ceiling: number | null): number | null {
  return ceiling === null ? null : Math.min(PROMISED_MAX, ceiling);
}

function advice({ known, unknown, additions }: OutageCeiling): string {
  const more = known.length + unknown.length === 1 ? 'a second provider' : 'one more provider';
  const where = `Add ${more} of another company and another cloud`;
  if (additions.length === 0) return `${where}.`;
  return `${where}: with ${listed(additions.slice(0, NAMES_MAX), 'or')} there would have been no such minute, as far as is known.`;
}

function listed(names: readonly string[], word = 'and'): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} ${word} ${last}`;
}

function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}
