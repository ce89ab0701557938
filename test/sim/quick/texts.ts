/** What a prompt is answered with: words, then calls of tools. The same at every provider that has the same variant. */
export interface Reference {
  readonly text: string;
  readonly tool: { readonly name: string; readonly args: string } | null;
}

/** How many prompts there are. */
export const PROMPTS = 12;
/** How many different answers a prompt has: providers of different variants disagree from the first words on. */
export const VARIANTS = 2;

const WORDS = [
  'the tide',
  'rises',
  'twice a day;',
  'grüße,',
  '世界',
  '🌍 and',
  'the moon',
  'pulls',
  'at "water"',
  'more than\n',
  'at rock.',
  'So it goes,',
];
const references = new Map<number, Reference>();

/** The answer of a variant to a prompt. Pure: the same two numbers give the same answer. */
export function referenceOf(prompt: number, variant: number): Reference {
  const key = prompt * VARIANTS + variant;
  const known = references.get(key);
  if (known !== undefined) return known;
  const made = compose(prompt, variant);
  references.set(key, made);
  return made;
}

/** Every answer that a prompt may have. */
export function referencesOf(prompt: number): readonly Reference[] {
  return Array.from({ length: VARIANTS }, (_, variant) => referenceOf(prompt, variant));
}

// A quarter of the prompts ask for a tool, a quarter for words and a tool, the rest for words.
function compose(prompt: number, variant: number): Reference {
  const words: string[] = [`Answer ${prompt}${variant === 0 ? '' : ', told otherwise'}:`];
  const length = 6 + ((prompt * 7) % 23);
  for (let index = 0; index < length; index += 1)
    words.push(
      `${WORDS[(prompt * 5 + variant * 3 + index * (variant + 1)) % WORDS.length] ?? ''} ${index + 1}`,
    );
  const args = JSON.stringify({ city: `Zürich ${prompt}`, days: prompt + variant, note: 'a "quoted" word' });
  const tool = { name: 'get_weather', args };
  switch (prompt % 4) {
    case 3:
      return { text: '', tool };
    case 2:
      return { text: words.join(' '), tool };
    default:
      return { text: words.join(' '), tool: null };
  }
}

/** How a prompt says which it is and whose, so that whoever sees a request on its way knows: `[r:17 p:3]`. */
export function marker(request: number, prompt: number): string {
  return `[r:${request} p:${prompt}]`;
}

/** The last marker in a text; null where there is none. */
export function markerIn(text: string): { readonly request: number; readonly prompt: number } | null {
  const at = text.lastIndexOf('[r:');
  const found = at < 0 ? null : /^\[r:(\d+) p:(\d+)\]/.exec(text.slice(at, at + 40));
  return found === null ? null : { request: Number(found[1]), prompt: Number(found[2]) };
}
