import type { GenerateRequest, Message } from '../../spec/generate.ts';
import type { Usage } from '../../spec/usage.ts';
import { messageText } from './conversation.ts';
import { hash32 } from './dice.ts';
import { countTokens } from './tokens.ts';

/** Input tokens by what the prompt cache did with them; their sum is the whole prompt. */
export interface CacheUse {
  readonly fresh: number;
  readonly read: number;
  readonly written: number;
}

/** The input side of usage. */
export function inputUsage(
  use: CacheUse,
): Pick<Usage, 'input' | 'inputAudio' | 'cacheRead' | 'cacheWrite5m' | 'cacheWrite1h'> {
  return {
    input: use.fresh,
    inputAudio: null,
    cacheRead: use.read,
    cacheWrite5m: use.written,
    cacheWrite1h: null,
  };
}

/** All input tokens of a request. */
export function inputTokens(request: GenerateRequest): number {
  const tools = request.tools.reduce((sum, tool) => sum + countTokens(JSON.stringify(tool)), 0);
  return request.messages.reduce((sum, message) => sum + messageTokens(message), tools);
}

/**
 * A prompt cache: remembers the beginnings of conversations by hash, the oldest forgotten first. Beginnings of fewer
 * than 1,024 tokens are not cached, as with the real providers.
 */
export class PromptCache {
  readonly #known = new Set<string>();

  /** What the cache does with a request. `marked`: only beginnings up to a cache hint count, and writing costs. */
  use(request: GenerateRequest, kind: 'implicit' | 'marked'): CacheUse {
    const total = inputTokens(request);
    const end = kind === 'implicit' ? request.messages.length : lastHint(request) + 1;
    const beginnings = this.#beginnings(request, end);
    const hit = beginnings.findLast((beginning) => this.#known.has(beginning.key));
    const read = hit === undefined ? 0 : hit.tokens - (hit.tokens % BLOCK_TOKENS);
    const longest = kind === 'marked' ? (beginnings.at(-1)?.tokens ?? 0) : 0;
    const written = Math.max(0, longest - (hit?.tokens ?? 0));
    for (const beginning of beginnings) this.#remember(beginning.key);
    return { fresh: Math.max(0, total - read - written), read, written };
  }

  #beginnings(
    request: GenerateRequest,
    end: number,
  ): readonly { readonly key: string; readonly tokens: number }[] {
    let text = JSON.stringify(request.tools);
    let tokens = request.tools.reduce((sum, tool) => sum + countTokens(JSON.stringify(tool)), 0);
    const found: { readonly key: string; readonly tokens: number }[] = [];
    for (const message of request.messages.slice(0, end)) {
      text = `${hash32(text)}/${text.length}/${messageText(message)}`;
      tokens += messageTokens(message);
      if (tokens >= CACHED_TOKENS_MIN)
        found.push({ key: `${request.model}/${hash32(text)}/${text.length}`, tokens });
    }
    return found;
  }

  #remember(key: string): void {
    this.#known.delete(key);
    this.#known.add(key);
    if (this.#known.size <= BEGINNINGS_MAX) return;
    for (const oldest of this.#known) {
      this.#known.delete(oldest);
      return;
    }
  }
}

const CACHED_TOKENS_MIN = 1024;
const BLOCK_TOKENS = 128;
const BEGINNINGS_MAX = 2000;
/** Tokens that every message costs besides its text. */
const MESSAGE_FRAME_TOKENS = 3;

function messageTokens(message: Message): number {
  return countTokens(messageText(message)) + MESSAGE_FRAME_TOKENS;
}

function lastHint(request: GenerateRequest): number {
  return request.messages.findLastIndex((message) => message.parts.some((part) => 'cache' in part));
}
