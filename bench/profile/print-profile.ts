import type { FunctionCost, Profile } from './read-profile.ts';

/** The profile as text: the costliest functions by their own time, then by time with callees, then whole folders. */
export function profileText(profile: Profile, top: number): string {
  const { functions, busy, lines } = profile;
  const own = functions.filter(({ file }) => file.startsWith('src/'));
  const byTotal = own.toSorted((a, b) => b.total - a.total);
  return [
    `Busy ${percent(busy)} of the time; shares are of the busy time.`,
    '',
    '   self   total  function',
    ...functions.slice(0, top).map(functionLine),
    '',
    'Own functions by time with everything they call:',
    '   self   total  function',
    ...byTotal.slice(0, top).map(functionLine),
    '',
    'Own lines, self, over the whole run:',
    ...lines.slice(0, top).map(([place, share]) => `${percent(share)}  ${place}`),
    '',
    'By place, self:',
    ...byPlace(functions)
      .slice(0, top)
      .map(([place, share]) => `${percent(share)}  ${place}`),
  ].join('\n');
}

/** A line per function for the results file. */
export function profileRows({ functions }: Profile, top: number): readonly (readonly string[])[] {
  return functions
    .slice(0, top)
    .map((each) => [`\`${each.name}\``, placeOf(each), percent(each.self).trim()]);
}

function functionLine(each: FunctionCost): string {
  return `${percent(each.self)} ${percent(each.total)}  ${each.name}  ${placeOf(each)}`;
}

function placeOf({ file, line }: FunctionCost): string {
  return file === '' ? '(native)' : `${file}:${line}`;
}

function byPlace(functions: readonly FunctionCost[]): readonly (readonly [place: string, share: number])[] {
  const sums = new Map<string, number>();
  for (const { file, name, self } of functions) {
    const place =
      file === '' ? `native ${name}` : file.startsWith('src/') ? file : file.split('/').slice(0, 2).join('/');
    sums.set(place, (sums.get(place) ?? 0) + self);
  }
  return [...sums].toSorted((a, b) => b[1] - a[1]);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1).padStart(5)} %`;
}
