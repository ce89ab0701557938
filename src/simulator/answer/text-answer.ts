import type { GenerateRequest } from '../../spec/generate.ts';
import { arithmeticAnswer } from './arithmetic.ts';
import { prompt, userTexts } from './conversation.ts';
import type { Dice } from './dice.ts';
import { prose, subjectOf } from './prose.ts';
import { shortened } from './tokens.ts';

/** The answer in words to the last user message: the first responder that has something to say, else prose. */
export function textAnswer(request: GenerateRequest, dice: Dice): string {
  const question = prompt(request).trim();
  for (const responder of RESPONDERS) {
    const answer = responder(question, request, dice);
    if (answer !== null) return answer;
  }
  const earlier = userTexts(request).at(-2);
  const reference =
    earlier === undefined ? '' : `Earlier you wrote: "${quoted(earlier)}". With that in mind:\n\n`;
  return reference + prose(subjectOf(question), dice);
}

type Responder = (question: string, request: GenerateRequest, dice: Dice) => string | null;

const RESPONDERS: readonly Responder[] = [
  (question) => (question === '' ? 'I did not receive a question. What can I do for you?' : null),
  exactEcho,
  recall,
  (question) => arithmeticAnswer(question),
  capital,
  count,
  letters,
  list,
  greeting,
  identity,
  code,
  joke,
];

// "Say hello", "Reply with exactly: OK", "Repeat the word 'x' and nothing else": the text itself, nothing around it.
function exactEcho(question: string): string | null {
  const match = ECHO.exec(question);
  const wanted = match?.[1]
    ?.replace(/\s*(?:,?\s*(?:and|with)\s+nothing else|,?\s*(?:only|verbatim))\s*[.!]?$/i, '')
    .trim();
  if (wanted === undefined || wanted === '') return null;
  const inQuotes = /^(["'“‘`])([\s\S]*)(["'”’`])[.!]?$/.exec(wanted);
  return inQuotes?.[2] ?? wanted;
}

const ECHO =
  /^(?:please\s+)?(?:say|echo|repeat|(?:reply|respond|answer)\s+(?:with|only|just|exactly))(?:\s+(?:with|exactly|only|just|back|after me|(?:the\s+)?(?:single\s+)?(?:word|words|text|string|phrase|sentence|following)))*\s*:?\s+([\s\S]+)$/i;

// Facts that the user told earlier, quoted from the message that told them.
function recall(question: string, request: GenerateRequest): string | null {
  const earlier = userTexts(request).slice(0, -1);
  if (earlier.length === 0) return null;
  const asked = /what(?:'s| is| was)\s+my\s+([\w ]+?)\s*\?/i.exec(question);
  if (asked !== null) {
    const subject = asked[1] ?? '';
    const told = new RegExp(`my ${subject} (?:is|was|=)\\s+([^.,;!?\\n]+)`, 'i');
    const alias = subject.toLowerCase() === 'name' ? /\b(?:I am|I'm|call me)\s+([A-Z][\w'-]*)/ : told;
    for (const text of earlier.toReversed()) {
      const found = told.exec(text) ?? alias.exec(text);
      if (found !== null)
        return `Your ${subject} is ${(found[1] ?? '').trim()}. You told me: "${quoted(text)}".`;
    }
    return `You have not told me your ${subject} in this conversation.`;
  }
  if (
    !/what (?:did|was|were) (?:I|my)\b.*\b(?:ask|say|said|write|wrote|tell|told|question|message)/i.test(
      question,
    )
  )
    return null;
  return `You wrote: "${quoted(earlier.at(-1) ?? '')}".`;
}

function quoted(text: string): string {
  return shortened(text.replace(/\s+/g, ' ').trim(), 120);
}

function capital(question: string): string | null {
  const country = /capital(?: city)? of (?:the )?([a-z ]+)/i.exec(question)?.[1]?.trim().toLowerCase();
  const known =
    country === undefined ? undefined : CAPITALS.find(([name]) => country.startsWith(name.toLowerCase()));
  return known === undefined ? null : `The capital of ${known[0]} is ${known[1]}.`;
}

function count(question: string): string | null {
  const match = /\bcount (?:up )?(?:from (\d{1,4}) )?to (\d{1,4})\b/i.exec(question);
  if (match === null) return null;
  const first = Number(match[1] ?? 1);
  const last = Number(match[2]);
  const step = first <= last ? 1 : -1;
  const length = Math.min(Math.abs(last - first) + 1, 1000);
  return Array.from({ length }, (_, i) => String(first + i * step)).join(', ');
}

function letters(question: string): string | null {
  const match =
    /how many (?:letters? )?["']?([a-z])["']?(?:'?s)?(?: are)?(?: there)? in (?:the word )?["']?([a-z]+)/i.exec(
      question,
    );
  if (match === null) return null;
  const [letter = '', word = ''] = [match[1]?.toLowerCase(), match[2]?.toLowerCase()];
  const found = word.split(letter).length - 1;
  return `The letter "${letter}" occurs ${found} ${found === 1 ? 'time' : 'times'} in "${word}".`;
}

function list(question: string, _request: GenerateRequest, dice: Dice): string | null {
  const match = /\b(?:list|name|give me|suggest)\s+(\d{1,2}|two|three|four|five|ten)\s+([\w ]{3,40})/i.exec(
    question,
  );
  if (match === null) return null;
  const wanted = Number(match[1]) || NUMBERS.indexOf(match[1]?.toLowerCase() ?? '');
  const start = dice.below(ITEMS.length);
  const items = Array.from(
    { length: wanted },
    (_, i) => `${i + 1}. ${ITEMS[(start + i) % ITEMS.length] ?? ''}`,
  );
  return `Here are ${wanted} ${(match[2] ?? '').trim()}:\n\n${items.join('\n')}`;
}

function greeting(question: string): string | null {
  if (!/^(?:hi|hello|hey|good (?:morning|afternoon|evening))\b[\s\w,]{0,24}[.!]*$/i.test(question))
    return null;
  return 'Hello! How can I help you today?';
}

function identity(question: string, request: GenerateRequest): string | null {
  if (!/\b(?:who|what) are you\b|\bwhat(?:'s| is) your name\b|\bwhich model\b/i.test(question)) return null;
  return `I am a simulated model that stands in for ${request.model}. My answers are canned, but they follow the wire's rules.`;
}

function code(question: string): string | null {
  if (!/\b(?:write|show|implement|give)\b.*\b(?:function|code|script|program)\b/i.test(question)) return null;
  return `Here is a small version:\n\n\`\`\`ts\n${SAMPLE}\n\`\`\`\n\nIt reads every item once and keeps the first of each key, so it runs in linear time.`;
}

function joke(question: string): string | null {
  if (!/\bjoke\b/i.test(question)) return null;
  return 'Why did the gateway cross the road? The first side answered 503, and it had a fallback on the other one.';
}

const SAMPLE = `export function uniqueBy<Item>(items: readonly Item[], key: (item: Item) => string): Item[] {
  const seen = new Map<string, Item>();
  for (const item of items) {
    if (!seen.has(key(item))) seen.set(key(item), item);
  }
  return [...seen.values()];
}`;

const NUMBERS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

const ITEMS = [
  'Amber',
  'Birch',
  'Cedar',
  'Dahlia',
  'Elder',
  'Fern',
  'Gentian',
  'Hazel',
  'Iris',
  'Juniper',
  'Larch',
  'Maple',
];

const CAPITALS: readonly (readonly [country: string, capital: string])[] = [
  ['Argentina', 'Buenos Aires'],
  ['Australia', 'Canberra'],
  ['Austria', 'Vienna'],
  ['Belgium', 'Brussels'],
  ['Brazil', 'Brasília'],
  ['Canada', 'Ottawa'],
  ['Chile', 'Santiago'],
  ['China', 'Beijing'],
  ['Denmark', 'Copenhagen'],
  ['Egypt', 'Cairo'],
  ['England', 'London'],
  ['Finland', 'Helsinki'],
  ['France', 'Paris'],
  ['Germany', 'Berlin'],
  ['Greece', 'Athens'],
  ['Hungary', 'Budapest'],
  ['India', 'New Delhi'],
  ['Ireland', 'Dublin'],
  ['Italy', 'Rome'],
  ['Japan', 'Tokyo'],
  ['Kenya', 'Nairobi'],
  ['Mexico', 'Mexico City'],
  ['Netherlands', 'Amsterdam'],
  ['Norway', 'Oslo'],
  ['Poland', 'Warsaw'],
  ['Portugal', 'Lisbon'],
  ['South Africa', 'Pretoria'],
  ['South Korea', 'Seoul'],
  ['Spain', 'Madrid'],
  ['Sweden', 'Stockholm'],
  ['Switzerland', 'Bern'],
  ['Turkey', 'Ankara'],
  ['Ukraine', 'Kyiv'],
  ['United Kingdom', 'London'],
  ['UK', 'London'],
  ['United States', 'Washington, D.C.'],
  ['USA', 'Washington, D.C.'],
];
