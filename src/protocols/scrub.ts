/** The longest provider message that is kept, in characters. */
export const PROVIDER_MESSAGE_CHARS_MAX = 2000;

/**
 * The message without anything that looks like a credential, and cut to a length fit for a log line. Providers echo keys
 * in errors: OpenAI and DeepSeek masked fragments, OpenAI short keys whole (seen in recorded answers). It removes too much
 * rather than too little; what it takes reads `[redacted]`.
 */
export function scrub(message: string): string {
  let text = message.slice(0, 4 * PROVIDER_MESSAGE_CHARS_MAX);
  for (const pattern of SECRETS) text = text.replace(pattern, '$1[redacted]');
  if (text.length <= PROVIDER_MESSAGE_CHARS_MAX) return text;
  return `${text.slice(0, PROVIDER_MESSAGE_CHARS_MAX)}...`;
}

// The first group of each is kept. No pattern repeats a repetition, so none can take more than linear time.
const SECRETS: readonly RegExp[] = [
  /\b(authorization["']?\s*[:=]\s*["']?(?:(?:bearer|basic)\s+)?)[^\s"',;]+/gi,
  /\b(bearer\s+)[\w.~+/=*-]{4,}/gi,
  /\b(api[ _-]?keys?(?:\s+provided)?["']?\s*[:=]\s*["']?)[^\s"',;]+/gi,
  /([?&](?:key|api[_-]?key|token|access_token|sig|signature)=)[^&\s"']+/gi,
  // Prefixes: OpenAI and its imitators, Groq, Cerebras, xAI, Perplexity, Hugging Face, NVIDIA, Fireworks, Replicate, Together.
  /(\b)(?:sk|pk|rk|gsk|csk|xai|pplx|hf|nvapi|fw|r8|tgp|proj|org)[-_][\w*.-]{3,}[\w*]/g,
  // Google API keys and OAuth tokens, AWS access keys, JSON web tokens.
  /(\b)AIza[\w*-]{3,}/g,
  /(\b)ya29\.[\w.*-]{3,}/g,
  /(\b)(?:AKIA|ASIA)[A-Z0-9*]{4,}/g,
  /(\b)eyJ[\w-]{8,}\.[\w.-]+/g,
  // Masked fragments, such as abc***xyz or ****-key.
  /()[\w-]*\*{3,}[\w*-]*/g,
  // Keys without a prefix (Azure, Mistral): long words of letters and digits.
  /(\b)(?=[A-Za-z_]{0,63}\d)(?=[\d_]{0,63}[A-Za-z])\w{32,}/g,
];
