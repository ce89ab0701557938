import type { Dice } from './dice.ts';

/** A few paragraphs about the subject of a question: coherent, harmless, and different for different questions. */
export function prose(subject: string, dice: Dice): string {
  const about = subject === '' ? 'this' : subject;
  return [dice.pick(OPENINGS), dice.pick(MIDDLES), dice.pick(EXAMPLES), dice.pick(CLOSINGS)]
    .map((paragraph) => paragraph.replaceAll('{subject}', about))
    .join('\n\n');
}

/** What a question is about, in a few words taken from it. */
export function subjectOf(question: string): string {
  const sentence = question.split(/[\n?!]|\.\s/).find((part) => part.trim() !== '') ?? '';
  const bare = sentence
    .replace(LEAD_IN, '')
    .replace(/["“”]/g, '')
    .trim();
  return bare
    .split(/\s+/)
    .slice(0, 10)
    .join(' ')
    .replace(/[.,:;]+$/, '');
}

const LEAD_IN =
  /^\s*(?:please\s+)?(?:can you\s+|could you\s+)?(?:(?:tell me|write|explain|describe|summari[sz]e|give me|talk)\s+(?:(?:me|us)\s+)?(?:(?:a|an|some|the)\s+)?(?:(?:short|long|brief)\s+)?(?:(?:essay|story|text|paragraph|paragraphs|overview|summary)\s+)?(?:(?:about|on|of)\s+)?|(?:what|who|how|why|where|when)\s+(?:is|are|was|were|do|does|did|can)\s+(?:(?:a|an|the)\s+)?)/i;

type Paragraphs = readonly [string, ...string[]];

const OPENINGS: Paragraphs = [
  'There are a few ways to look at {subject}, and it helps to start with the plain one. At its core it is a matter of what goes in, what comes out, and what has to hold in between.',
  'A short answer about {subject} first: the basic idea is simple, and most of the difficulty lies in the details. It is worth separating what is known from what is only assumed.',
  'When people ask about {subject}, they usually want two things: a picture of how it works and a sense of when it matters. Both can be had without much jargon.',
];

const MIDDLES: Paragraphs = [
  'The parts depend on each other less than it seems. If one of them changes, the others can often stay as they are, provided that the boundary between them is clear. That is why careful descriptions of the boundary pay off more than clever solutions behind it.',
  'In practice the order of the steps matters more than their number. Doing the cheap check first leaves less work for the expensive one, and a mistake found early is almost always a small mistake.',
  'Experience shows that the common case deserves most of the attention. Rare cases should be handled correctly, but they need not be fast, and they must not make the common case harder to understand.',
];

const EXAMPLES: Paragraphs = [
  'Take a small example. A library lends books to people in a town. As long as every book has one place and every loan one record, the question of who has which book answers itself, however many people ask at once.',
  'As an example, think of a kitchen on a busy evening. Nobody can make the oven faster, but putting the slow dishes in first and preparing the rest meanwhile gets everybody served at about the same time.',
  'A familiar example is a map. It leaves out nearly everything, and that is exactly what makes it useful: the few things it keeps are the ones that decide where to turn.',
];

const CLOSINGS: Paragraphs = [
  'So, to sum up {subject}: keep the idea small, check it against a real case, and widen it only where the real case asks for it. If you tell me more about what you need, I can go into detail.',
  'In summary, {subject} is best approached step by step. Start with the simplest version that is honest, see where it falls short, and improve that place first.',
  'The main thing to remember about {subject} is that clarity comes before completeness. I am glad to go deeper into any of these points.',
];
