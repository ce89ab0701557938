import type { GenerateRequest, Part } from '../spec/generate.ts';

// Latin text has about four characters per token, code and JSON about three; other scripts up to one token a character.
const CHARS_PER_TOKEN = 3.3;
const TOKENS_PER_WIDE_CHAR = 1.1;
/** Around each message, tool and tool call a wire adds a few tokens of its own. */
const TOKENS_PER_MESSAGE = 5;
const TOKENS_PER_TOOL = 12;
/** What the larger vision models count for a picture of full size, and for a page of a document. */
const TOKENS_PER_IMAGE = 1_600;
const BYTES_PER_DOCUMENT_TOKEN = 12;

/** An estimate of a request's input tokens that errs upwards; null-safe, model-independent, without a tokenizer. */
export function estimateInputTokens(request: GenerateRequest): number {
  let tokens = 3;
  for (const message of request.messages) {
    tokens += TOKENS_PER_MESSAGE;
    for (const part of message.parts) tokens += tokensOf(part);
  }
  for (const tool of request.tools) tokens += TOKENS_PER_TOOL + tokensOfText(JSON.stringify(tool));
  return Math.ceil(tokens);
}

function tokensOf(part: Part): number {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return tokensOfText(part.text);
    case 'reasoning':
      return tokensOfText(part.text ?? '');
    case 'tool-call':
      return TOKENS_PER_TOOL + tokensOfText(part.name) + tokensOfText(part.arguments);
    case 'tool-result':
      return part.parts.reduce((sum, inner) => sum + tokensOf(inner), TOKENS_PER_MESSAGE);
    case 'media':
      if (part.source.type === 'text') return tokensOfText(part.source.text);
      if (part.mediaType.startsWith('image/') || part.source.type !== 'base64') return TOKENS_PER_IMAGE;
      return Math.max(TOKENS_PER_IMAGE, part.source.data.length / BYTES_PER_DOCUMENT_TOKEN);
    case 'native':
      return tokensOfText(JSON.stringify(part.value));
  }
}

function tokensOfText(text: string): number {
  const wide = text.length - text.replaceAll(WIDE, '').length;
  return (text.length - wide) / CHARS_PER_TOKEN + wide * TOKENS_PER_WIDE_CHAR;
}

// Everything beyond Latin, Greek and Cyrillic.
const WIDE = /[\u0590-\u{10ffff}]/gu;
