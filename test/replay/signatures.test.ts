import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/base/json.ts';
import { describeShared } from '../shared.ts';
import { at, listAt, textAt, type Value } from './oracle/reading.ts';
import { isJoined, recordingsOf, type Recording } from './recordings.ts';
import { CUTS, decode, encodeWhole, targetOf } from './replay.ts';
import { WIRES, type Wire } from './wires.ts';

/** Fields in which the wires carry signed or encrypted state. */
const SIGNED = ['signature', 'thoughtSignature', 'data'];

/** Parts that only their own wire can say; what is signed in them is lost with them towards a client of another. */
const NATIVE = ['executableCode', 'codeExecutionResult', 'toolCall', 'toolResponse'];

/** The next request of a client that sends the answer back as it got it, with a result for each call. */
const NEXT_TURN: { readonly [api: string]: (answer: Value) => Value } = {
  chat: (answer) => {
    const message = at(answer, 'choices', 0, 'message') ?? null;
    const results = listAt(message, 'tool_calls').map((call) => ({
      role: 'tool',
      tool_call_id: textAt(call, 'id'),
      content: 'done',
    }));
    const end = results.length > 0 ? results : [{ role: 'user', content: 'Go on.' }];
    return { model: 'm', messages: [{ role: 'user', content: 'Begin.' }, message, ...end] };
  },
  messages: (answer) => {
    const content = listAt(answer, 'content');
    const results = content
      .filter((block) => textAt(block, 'type') === 'tool_use')
      .map((block) => ({ type: 'tool_result', tool_use_id: textAt(block, 'id'), content: 'done' }));
    const end = results.length > 0 ? results : [{ type: 'text', text: 'Go on.' }];
    const messages = [
      { role: 'user', content: 'Begin.' },
      { role: 'assistant', content },
      { role: 'user', content: end },
    ];
    return { model: 'm', max_tokens: 4096, thinking: { type: 'enabled', budget_tokens: 2048 }, messages };
  },
  'generate-content': (answer) => {
    const content = at(answer, 'candidates', 0, 'content') ?? null;
    const calls = listAt(content, 'parts').flatMap((part) => at(part, 'functionCall') ?? []);
    const results = calls.map((call) => ({
      functionResponse: {
        ...(at(call, 'id') && { id: at(call, 'id') }),
        name: textAt(call, 'name'),
        response: { output: 'done' },
      },
    }));
    const end = results.length > 0 ? results : [{ text: 'Go on.' }];
    return {
      contents: [
        { role: 'user', parts: [{ text: 'Begin.' }] },
        content,
        { role: 'user', parts: end },
      ] as Value,
    };
  },
};

describeShared('signed state of a provider', () => {
  const signed = WIRES.filter((wire) => wire.api !== 'chat').flatMap((origin) =>
    recordingsOf(origin.api)
      .filter((recording) => recording.status === 200 && !isJoined(recording))
      .filter((recording) => signaturesIn(signedPart(recording)).length > 0)
      .map((recording) => ({ origin, recording })),
  );

  describe.each(WIRES)('through a client of $protocol.id', (client) => {
    it('comes back to the provider unaltered and in order', () => {
      expect(signed.flatMap(({ origin, recording }) => losses(client, origin, recording))).toEqual([]);
      expect(signed.length).toBeGreaterThan(30);
    });
  });
});

function losses(client: Wire, origin: Wire, recording: Recording): readonly string[] {
  const answer = encodeWhole(client.protocol, decode(origin, recording, CUTS['one write']!));
  const next = NEXT_TURN[client.api]?.(answer) as Json;
  const request = client.protocol.downstream.decodeRequest(next, { model: 'm', stream: false });
  const { body } = origin.protocol.upstream.encodeRequest(request, targetOf(origin.protocol, recording));
  const said = client === origin ? signaturesIn : signaturesSaid;
  const wanted = said(signedPart(recording));
  const got = said(JSON.parse(JSON.stringify(body)) as Value);
  const same = JSON.stringify(wanted) === JSON.stringify(got);
  return same ? [] : [`${recording.id}: ${wanted.length} were signed, ${got.length} came back`];
}

function signedPart({ answer }: Recording): Value {
  if (answer.type === 'stream') return answer.payloads;
  return at(answer.body, 'content') ?? at(answer.body, 'candidates') ?? null;
}

function signaturesSaid(value: Value): readonly string[] {
  const kept = JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && NATIVE.some((name) => name in each) ? undefined : each,
  );
  return signaturesIn(JSON.parse(kept) as Value);
}

function signaturesIn(value: Value): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item: Value) => signaturesIn(item));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => {
    if (typeof each === 'string')
      return SIGNED.includes(key) && each !== '' && isOpaque(value, key) ? [each] : [];
    return each === undefined || key === 'inlineData' || key === 'source' ? [] : signaturesIn(each);
  });
}

// `data` is opaque only in redacted thinking; elsewhere it is media.
function isOpaque(holder: Value, key: string): boolean {
  return key !== 'data' || textAt(holder, 'type') === 'redacted_thinking';
}
