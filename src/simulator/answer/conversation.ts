import type { GenerateRequest, Message, Part } from '../../spec/generate.ts';

/** The text of a message: its text parts joined. */
export function textOf(message: Message): string {
  return message.parts.map(partText).join('');
}

/** The texts of all user messages, oldest first; empty ones left out, and what agents add for the model's eyes only. */
export function userTexts(request: GenerateRequest): readonly string[] {
  return request.messages
    .filter((message) => message.role === 'user')
    .map((message) => spoken(textOf(message)))
    .filter((text) => text.trim() !== '');
}

/** The turns of a conversation: without instructions, which some clients put behind the question. */
export function turnsOf(request: GenerateRequest): readonly Message[] {
  return request.messages.filter((message) => message.role !== 'system');
}

/** What the user said last. */
export function prompt(request: GenerateRequest): string {
  return userTexts(request).at(-1) ?? '';
}

/** The part of an answer that the client already holds and wants continued: a trailing assistant text (prefill). */
export function prefill(request: GenerateRequest): string {
  const last = request.messages.at(-1);
  if (last?.role !== 'assistant' || last.parts.some((part) => part.type === 'tool-call')) return '';
  return textOf(last);
}

/** A message as text, with what it holds besides text in a short form. */
export function messageText(message: Message): string {
  return `${message.role}: ${message.parts.map(wholePart).join('')}`;
}

// Coding agents wrap reminders and surroundings into tags such as `<system-reminder>` and `<environment_context>`. Of long
// texts the beginning is enough to know what is asked.
function spoken(text: string): string {
  const read = text.slice(0, READ_CHARS_MAX);
  const unclosed = new Set<string>();
  let said = '';
  let from = 0;
  for (const match of read.matchAll(/<([a-z]+[-_][a-z_-]+)>/g)) {
    const [open, name = ''] = match;
    if (match.index < from || unclosed.has(name)) continue;
    const close = read.indexOf(`</${name}>`, match.index + open.length);
    if (close < 0) {
      unclosed.add(name);
      continue;
    }
    said += read.slice(from, match.index);
    from = close + name.length + 3;
  }
  return (said + read.slice(from)).trim().slice(0, HEARD_CHARS_MAX);
}

const READ_CHARS_MAX = 65_536;
const HEARD_CHARS_MAX = 4096;

function partText(part: Part): string {
  return part.type === 'text' ? part.text : '';
}

function wholePart(part: Part): string {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return part.text;
    case 'reasoning':
      return part.text ?? '';
    case 'tool-call':
      return `${part.name}(${part.arguments})`;
    case 'tool-result':
      return part.parts.map(wholePart).join('');
    case 'media':
      return MEDIA_STAND_IN;
    case 'native':
      return JSON.stringify(part.value);
  }
}

/** Media cost about this much text: 1,000 characters, 250 tokens. */
const MEDIA_STAND_IN = '#'.repeat(1000);
