/** What a comment above a fenced block says about it: `<!-- run -->`, `<!-- run, prints: A | B -->`, `<!-- file: NAME -->`. */
export type Marker =
  | { readonly type: 'run'; readonly withKeys: boolean; readonly prints: readonly string[] }
  | { readonly type: 'file'; readonly name: string };

/** A fenced block of a text. */
export interface Block {
  /** Line of the fence, from 1. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
  /** Null where nothing is said about it: it is only shown. */
  readonly marker: Marker | null;
}

const FENCE =
  /(?:^<!-- (?<marker>(?:run|file)[^\n]*) -->\n)?^```(?<language>\w*)\n(?<code>(?:(?!^```$)[^])*?)^```$/gm;

/** Every fenced block of a Markdown text, in order. */
export function blocksOf(text: string): readonly Block[] {
  return [...text.matchAll(FENCE)].map(({ index, groups = {} }) => {
    const marker = groups['marker'];
    const before = text.slice(0, index).split('\n').length;
    return {
      line: before + (marker === undefined ? 0 : 1),
      language: groups['language'] ?? '',
      code: groups['code'] ?? '',
      marker: marker === undefined ? null : markerOf(marker),
    };
  });
}

function markerOf(text: string): Marker {
  const file = /^file: (?<name>[\w.-]+)$/.exec(text)?.groups?.['name'];
  if (file !== undefined) return { type: 'file', name: file };
  const run = /^run(?<keys> with keys)?(?:, prints: (?<prints>.+))?$/.exec(text);
  if (run === null) throw new Error(`The comment "${text}" above a block is not understood.`);
  return {
    type: 'run',
    withKeys: run.groups?.['keys'] !== undefined,
    prints: run.groups?.['prints']?.split(' | ') ?? [],
  };
}
