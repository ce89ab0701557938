import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { bytesToText, textToBytes, type Bytes } from '../../src/base/bytes.ts';
import { scanTopLevel, spliceFields } from '../../src/base/json-scan.ts';
import { SseDecoder } from '../../src/protocols/framing/sse.ts';
import type { Heard } from '../../src/protocols/protocol.ts';
import type { FinishReason } from '../../src/spec/generate.ts';
import { NO_QUIRKS } from '../../src/spec/provider.ts';
import { inputTotal, outputTotal, type Usage } from '../../src/spec/usage.ts';
import { describeShared } from '../shared.ts';
import { at, type Counts, type FinishWord, type Reading, type Value } from './oracle/reading.ts';
import { isJoined, recordingsOf, type Recording } from './recordings.ts';
import { targetOf } from './replay.ts';
import { crossRequests, clientRequests, recordedRequests, type ClientRequest } from './requests.ts';
import { schemaViolations } from './schema.ts';
import { WIRES, type Wire } from './wires.ts';

const WORDS: { readonly [reason in FinishReason]: FinishWord } = {
  stop: 'end',
  'stop-sequence': 'stop-string',
  length: 'length',
  'tool-calls': 'tools',
  'content-filter': 'filtered',
  paused: 'paused',
  'context-full': 'context-full',
  'malformed-call': 'malformed',
};

describeShared('what passes through a wire unread', () => {
  describe.each(WIRES)('$protocol.id', (wire) => {
    const answers = recordingsOf(wire.api).filter((each) => each.status === 200 && !isJoined(each));

    it('is heard as the oracle reads it', () => {
      const wrong = answers.flatMap((recording) => misheard(wire, recording, hearAll(wire, recording)));
      expect(wrong).toEqual([]);
    });

    it('is heard alike when only events with a needle are read after the content began', () => {
      const different = answers.filter((recording) => {
        const { outputChars: _all, ...all } = hearAll(wire, recording);
        const { outputChars: _some, ...some } = hearNeedles(wire, recording);
        return !isDeepStrictEqual(all, some);
      });
      expect(different.map((recording) => recording.id)).toEqual([]);
    });

    it('keeps every byte of a request but the fields that the target needs', () => {
      const requests = [
        ...crossRequests(wire.api),
        ...recordedRequests(wire.api),
        ...clientRequests(wire.api),
      ];
      expect(requests.flatMap((request) => damaged(wire, request))).toEqual([]);
    });
  });
});

function hearAll(wire: Wire, recording: Recording): Heard {
  return hear(wire, recording, () => true);
}

function hearNeedles(wire: Wire, recording: Recording): Heard {
  return hear(wire, recording, (heard, worth) => !heard.content || worth);
}

function hear(
  wire: Wire,
  recording: Recording,
  wanted: (heard: Heard, worthReading: boolean) => boolean,
): Heard {
  const listener = wire.protocol.passthrough.listener(targetOf(wire.protocol, recording));
  const { answer } = recording;
  if (answer.type === 'body') {
    listener.readBody(textToBytes(JSON.stringify(answer.body)));
    return listener.heard;
  }
  const framing = new SseDecoder();
  const events = [...framing.push(textToBytes(answer.text)), ...framing.end()];
  for (const { name, data } of events) {
    const text = `event: ${name}\ndata: ${data}\n\n`;
    if (wanted(listener.heard, listener.worthReading(text))) listener.readEvent(name, data);
  }
  return listener.heard;
}

function misheard(wire: Wire, recording: Recording, heard: Heard): readonly string[] {
  const { answer, id } = recording;
  const recorded = answer.type === 'body' ? wire.read(answer.body) : wire.readStream(answer.payloads);
  const broken = recorded.failed || recorded.finish === null;
  const facts: readonly (readonly [string, unknown, unknown])[] = broken
    ? [['failure', true, heard.error !== null || !heard.complete]]
    : [
        ['failure', false, heard.error !== null],
        ['end', true, heard.complete],
        ['finish', recorded.finish, heard.finish && WORDS[heard.finish.reason]],
        ['content', hasContent(recorded), hasContent(recorded) && heard.content],
        ['usage', recorded.usage, recorded.usage && heard.usage && countsOf(heard.usage)],
      ];
  return facts
    .filter(([, wanted, got]) => !isDeepStrictEqual(wanted, got))
    .map(
      ([what, wanted, got]) =>
        `${id}, ${what}: recorded ${JSON.stringify(wanted)}, heard ${JSON.stringify(got)}`,
    );
}

function hasContent({ text, reasoning, calls }: Reading): boolean {
  return text !== '' || reasoning !== '' || calls.length > 0;
}

function countsOf(usage: Usage): Counts {
  return {
    input: inputTotal(usage) ?? 0,
    output: outputTotal(usage) ?? 0,
    cacheRead: usage.cacheRead ?? 0,
    cacheWrite5m: usage.cacheWrite5m ?? 0,
    cacheWrite1h: usage.cacheWrite1h ?? 0,
    inputAudio: usage.inputAudio ?? 0,
    reasoning: usage.reasoning ?? 0,
    outputAudio: usage.outputAudio ?? 0,
  };
}

/** Top-level fields that may be set or removed on the way, because the target or the gateway's own accounting needs it. */
const MAY_CHANGE = ['model', 'stream_options', 'max_tokens', 'max_completion_tokens'];

function damaged(wire: Wire, { name, body, path }: ClientRequest): readonly string[] {
  const scanned = scanTopLevel(textToBytes(JSON.stringify(body)));
  if (scanned.type === 'bad') return [`${name}: ${scanned.reason}`];
  const target = { model: 'upstream-model', capabilities: wire.capabilities, quirks: NO_QUIRKS };
  const edits = wire.protocol.passthrough.edits(scanned.top, path.stream ?? false, target);
  if (edits === null) return [];
  const sent = JSON.parse(bytesToText(spliceFields(scanned.top, edits) as Bytes)) as Value;
  const changed = Object.keys({ ...(body as object), ...(sent as object) })
    .filter((key) => !MAY_CHANGE.includes(key))
    .filter((key) => !isDeepStrictEqual(at(body, key), at(sent, key)));
  // The same limit under the name that the target knows.
  const limit = (value: Value): Value | undefined =>
    at(value, 'max_completion_tokens') ?? at(value, 'max_tokens');
  if (limit(body) !== limit(sent)) changed.push('max_tokens');
  const valid = schemaViolations(wire.schemas.request, body).length === 0;
  const invalid = valid ? schemaViolations(wire.schemas.request, sent).slice(0, 1) : [];
  return [...changed.map((key) => `the field ${key} changed`), ...invalid].map((what) => `${name}: ${what}`);
}
