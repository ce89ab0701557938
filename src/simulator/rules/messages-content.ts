import { asString, field, isArray, type Json } from '../../base/json.ts';
import type { Refusal } from '../refusal.ts';
import { carriersOf, objectsAt, type Placed } from './reading.ts';
import type { Rule } from './rule.ts';

/** Rules about the content blocks of the Messages wire. */
export const MESSAGES_CONTENT_RULES: readonly Rule[] = [
  { name: 'no message and no text block is empty', check: ({ body }) => emptyFault(body) },
  {
    name: 'there are at most four cache breakpoints',
    check: ({ body }) => {
      const { tools, system, messages } = body;
      const found = [tools, system, messages].flatMap((place) => carriersOf(place, 'cache_control')).length;
      if (found <= 4) return null;
      return bad(`A maximum of 4 blocks with cache_control may be provided. Found ${found}.`);
    },
  },
  { name: 'media have types that are understood', check: ({ body }) => mediaFault(body) },
];

function emptyFault(body: Json): Refusal | null {
  const messages = objectsAt(body, 'messages');
  for (const [position, message] of messages.entries()) {
    const trailing = position === messages.length - 1 && message.value['role'] === 'assistant';
    const fault = trailing ? trailingFault(message) : emptyMessage(message);
    if (fault !== null) return fault;
    for (const block of objectsAt(message.value, 'content')) {
      const text = block.value['type'] === 'text' ? (asString(block.value['text']) ?? '') : null;
      if (text === '') return bad('messages: text content blocks must be non-empty');
      if (message.value['role'] === 'user' && text?.trim() === '')
        return bad('messages: text content blocks must contain non-whitespace text');
    }
  }
  return null;
}

function emptyMessage({ index, value }: Placed): Refusal | null {
  const content = value['content'];
  if (content !== '' && !(isArray(content) && content.length === 0)) return null;
  return bad(
    `messages.${index}: all messages must have non-empty content except for the optional final assistant message`,
  );
}

function trailingFault({ value }: Placed): Refusal | null {
  if (!/\s$/.test(lastText(value['content']))) return null;
  return bad('messages: final assistant content cannot end with trailing whitespace');
}

function lastText(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  const last = isArray(content) ? content.at(-1) : undefined;
  return asString(field(last, 'text')) ?? '';
}

const IMAGE_TYPES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];

function mediaFault(body: Json): Refusal | null {
  for (const { index, value } of objectsAt(body, 'messages')) {
    for (const block of objectsAt(value, 'content')) {
      const fault = blockMediaFault(block, index);
      if (fault !== null) return fault;
    }
  }
  return null;
}

function blockMediaFault({ index, value }: Placed, message: number): Refusal | null {
  const source = value['source'];
  if (field(source, 'type') !== 'base64') return null;
  const mediaType = asString(field(source, 'media_type')) ?? '';
  const place = `messages.${message}.content.${index}`;
  if (value['type'] === 'image' && !IMAGE_TYPES.includes(mediaType)) {
    const allowed = "'image/jpeg', 'image/png', 'image/gif' or 'image/webp'";
    return bad(`${place}.image.source.base64.media_type: Input should be ${allowed}`);
  }
  if (value['type'] === 'document' && mediaType !== 'application/pdf') {
    return bad(`${place}.document.source.base64.media_type: Input should be 'application/pdf'`);
  }
  return null;
}

function bad(message: string): Refusal {
  return { status: 400, message };
}
