import type { ScrapeFormat } from '../render.ts';

export interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: ReadonlyMap<string, number>;
}

/**
 * Parses a scrape and throws at whatever the formats forbid: samples without a family, families that stand twice or apart,
 * wrong suffixes, broken escapes, repeated samples, buckets that fall or miss +Inf, a count unlike the last bucket.
 */
export function parseExposition(text: string, format: ScrapeFormat): ReadonlyMap<string, ParsedFamily> {
  check(text.endsWith('\n'), 'the text must end with a line feed');
  const lines = text.slice(0, -1).split('\n');
  if (format === 'openmetrics') check(lines.pop() === '# EOF', 'the last line must be # EOF');
  const families = new Map<string, ParsedFamily>();
  let help: RegExpExecArray | null = null;
  let current: (ParsedFamily & { samples: Map<string, number> }) | null = null;
  for (const line of lines) {
    if (line.startsWith('# HELP ')) {
      help = must(/^# HELP ([a-zA-Z_:][\w:]*) ((?:[^\\]|\\[\\n"])*)$/.exec(line), line);
    } else if (line.startsWith('# TYPE ')) {
      const [, name = '', type = ''] = must(/^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line), line);
      check(help?.[1] === name, `${line}: HELP must stand before`);
      check(!families.has(name), `${name} stands twice`);
      current = { name, type, help: help?.[2] ?? '', samples: new Map() };
      families.set(name, current);
    } else {
      addSample(current, line, format);
    }
  }
  for (const family of families.values()) if (family.type === 'histogram') checkHistogram(family);
  return families;
}

function addSample(
  family: (ParsedFamily & { samples: Map<string, number> }) | null,
  line: string,
  format: ScrapeFormat,
): void {
  const [, name = '', , labels = '', value = ''] = must(
    /^([a-zA-Z_:][\w:]*)(\{(.*)\})? (-?\d+(?:\.\d+)?(?:e[+-]\d+)?|[+-]Inf|NaN)$/s.exec(line),
    line,
  );
  if (family === null) throw new Error(`${line} has no family`);
  const suffixes = { counter: format === 'openmetrics' ? ['_total'] : [''], gauge: [''] }[family.type] ?? [
    '_bucket',
    '_sum',
    '_count',
  ];
  check(
    suffixes.some((suffix) => name === family.name + suffix),
    `${line} stands under ${family.name}`,
  );
  const pair = /^([a-zA-Z_]\w*)="((?:[^"\\]|\\[\\n"])*)"(?:,(?!$)|$)/;
  let rest = labels;
  while (rest !== '') rest = rest.slice(must(pair.exec(rest), line)[0].length);
  const key = `${name}{${labels}}`;
  check(!family.samples.has(key), `${key} stands twice`);
  family.samples.set(key, value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value));
}

function checkHistogram(family: ParsedFamily): void {
  for (const [labels, list] of bucketsOf(family)) {
    for (const [index, [bound, count]] of list.entries()) {
      const [boundBefore, countBefore] = list[index - 1] ?? [Number.NEGATIVE_INFINITY, 0];
      check(bound > boundBefore && count >= countBefore, `${family.name} ${labels}: buckets fall`);
    }
    const [lastBound, total] = list[list.length - 1]!;
    check(lastBound === Number.POSITIVE_INFINITY, `${family.name} ${labels}: no +Inf bucket`);
    const counted = family.samples.get(`${family.name}_count{${labels}}`);
    check(counted === total, `${family.name} ${labels}: count differs from the last bucket`);
    check(family.samples.has(`${family.name}_sum{${labels}}`), `${family.name} ${labels}: no sum`);
  }
}

type Bucket = [bound: number, count: number];

function bucketsOf(family: ParsedFamily): ReadonlyMap<string, Bucket[]> {
  const buckets = new Map<string, Bucket[]>();
  for (const [key, count] of family.samples) {
    const found = /^\w+_bucket\{(.*?),?le="([^"]+)"\}$/s.exec(key);
    if (found === null) continue;
    const [, labels = '', bound = ''] = found;
    const list = buckets.get(labels) ?? [];
    list.push([bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound), count]);
    buckets.set(labels, list);
  }
  return buckets;
}

function must(found: RegExpExecArray | null, line: string): RegExpExecArray {
  if (found === null) throw new Error(`malformed line: ${line}`);
  return found;
}

function check(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}
