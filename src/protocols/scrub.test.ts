import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PROVIDER_MESSAGE_CHARS_MAX, scrub } from './scrub.ts';

describe('scrub', () => {
  it.each([
    ['Incorrect API key provided: sk-ex****-key. You can find it.', ['sk-ex', '-key']],
    ['Incorrect API key provided: myshortkey', ['myshortkey']],
    ['Authentication Fails, Your api key: ****-key is invalid', ['****', '-key']],
    ['key sk-proj-Ab3dEf_gh-1234567890 is disabled', ['Ab3dEf', '1234567890']],
    ['key gsk_abcDEF123456 is disabled', ['abcDEF123456']],
    ['API key AIzaSyA-1234_567890abcdef not valid', ['AIza', '567890']],
    ['header Authorization: Bearer abc.def-ghi', ['abc.def']],
    ['{"authorization":"Basic dXNlcjpwYXNz"}', ['dXNlcjpwYXNz']],
    ['GET https://x.test/v1?key=SECRETVALUE&alt=sse failed', ['SECRETVALUE']],
    ['token abc***xyz expired', ['abc***', 'xyz']],
    ['key 0123456789abcdef0123456789abcdef refused', ['0123456789abcdef']],
    ['key AKIAIOSFODNN7EXAMPLE refused', ['IOSFODNN7']],
    ['token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln refused', ['eyJ']],
    ['Rate limit reached in organization org-AbCdEf123 on tokens', ['AbCdEf']],
  ])('takes the secret out of %j', (message, secrets) => {
    const text = scrub(message);
    expect(text).toContain('[redacted]');
    for (const secret of secrets) expect(text).not.toContain(secret);
  });

  it.each([
    "This model's maximum context length is 128000 tokens. However, your messages resulted in 140021 tokens.",
    'The model `gpt-9` does not exist or you do not have access to it.',
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    'API key not valid. Please pass a valid API key.',
    'Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_paid_tier_input_token_count',
    'Use a **bold** word, ask the task-force, and mind risk-taking.',
  ])('leaves %j as it is', (message) => {
    expect(scrub(message)).toBe(message);
  });

  it('leaves no key behind wherever it stands', () => {
    const key = fc
      .string({ unit: fc.constantFrom(...'abcXYZ0189'.split('')), minLength: 12, maxLength: 60 })
      .map((text) => `sk-${text}`);
    const words = fc.string({ unit: fc.constantFrom(' ', '"', ':', ',', 'a', '.', '\n') });
    fc.assert(
      fc.property(words, key, words, (before, secret, after) => {
        expect(scrub(`${before} ${secret} ${after}`)).not.toContain(secret.slice(0, 12));
      }),
      { seed: 20261121 },
    );
  });

  it('keeps long messages short and takes linear time over hostile ones', () => {
    for (const unit of ['a', '*', '_', 'sk-', 'api key: ', '0a', 'eyJ.']) {
      expect(scrub(unit.repeat(1_000_000)).length).toBeLessThanOrEqual(PROVIDER_MESSAGE_CHARS_MAX + 3);
    }
  });
});
