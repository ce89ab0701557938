/** The candidates most like a mistyped name, best first, for "did you mean"; none that are too far off to be meant. */
export function nearestNames(name: string, candidates: Iterable<string>, countMax: number): string[] {
  const wanted = normal(name);
  const found: { candidate: string; distance: number }[] = [];
  for (const candidate of candidates) {
    const distance = distanceOf(wanted, normal(candidate));
    const allowed = Math.max(2, Math.floor(Math.max(wanted.length, candidate.length) / 3));
    if (distance <= allowed) found.push({ candidate, distance });
  }
  found.sort((a, b) => a.distance - b.distance || a.candidate.localeCompare(b.candidate));
  return found.slice(0, countMax).map((entry) => entry.candidate);
}

/** The same as the end of a sentence: ` (did you mean "gpt-4.1"?)`, or nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const nearest = nearestNames(name.slice(0, 100), candidates, 3);
  if (nearest.length === 0) return '';
  return ` (did you mean ${nearest.map((each) => `"${each}"`).join(' or ')}?)`;
}

// Case and separators are what people mistype most.
function normal(name: string): string {
  return name.toLowerCase().replaceAll(/[._\s]/g, '-');
}

// People remember the words of a name but not their order.
function inOrder(name: string): string {
  return name.split('-').toSorted().join('-');
}

// Levenshtein's edit distance; a name that begins like the other is nearer than its length suggests.
function distanceOf(a: string, b: string): number {
  if (a === b) return 0;
  if (b.startsWith(a) || a.startsWith(b) || inOrder(a) === inOrder(b)) return 1;
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
