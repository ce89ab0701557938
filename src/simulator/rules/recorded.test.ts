import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { describeShared, sharedPath } from '../../../test/shared.ts';
import { asNumber, asString, field, fieldAt, isObject, parseJsonOr, type Json } from '../../base/json.ts';
import { bytesToText, EMPTY_BYTES, textToBytes } from '../../base/bytes.ts';
import { isKnownModel, traitsOf } from '../models.ts';
import { operationAt, type PathFacts } from '../route.ts';
import type { WireName } from '../settings.ts';
import { TEST_SIGN } from '../testing/describe-rules.ts';
import { createSimulator } from '../simulator.ts';
import { testPorts } from '../testing/ports.ts';
import { windowRefusal } from '../windows.ts';
import { WIRES } from '../wires.ts';
import { firstRefusal } from './rule.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';

const FIXTURES = sharedPath('fixtures');

const FOLDERS: readonly (readonly [wire: WireName, folder: string])[] = [
  ['chat', 'openai/chat'],
  ['messages', 'anthropic/messages'],
  ['generate-content', 'gemini/generate-content'],
];

describeShared('the rules and what the real providers did', () => {
  it.each(FOLDERS)('%s: every request that was answered is accepted', (wire, folder) => {
    // Signatures were made with the providers' own keys, which nobody else can check.
    const rules = WIRES[wire].rules.filter(({ name }) => !/signature|reasoning back/.test(name));
    const refused: string[] = [];
    let seen = 0;
    for (const recording of recordings(folder)) {
      if (recording.status !== 200 || recording.body === null) continue;
      seen += 1;
      const refusal = firstRefusal(rules, {
        body: recording.body,
        model: recording.model,
        traits: traitsOf(recording.model),
        sign: TEST_SIGN,
      });
      if (refusal !== null) refused.push(`${recording.file} ${recording.model}: ${refusal.message}`);
      else if (windowFault(wire, recording) !== null)
        refused.push(`${recording.file}: ${windowFault(wire, recording)}`);
      else if (!isKnownModel(wire, recording.model, []))
        refused.push(`${recording.file}: unknown ${recording.model}`);
    }
    expect(refused).toEqual([]);
    expect(seen).toBeGreaterThan(50);
  });

  it.each(FOLDERS)(
    '%s: a request that was refused is refused with the same status and words',
    (_wire, folder) => {
      const simulator = createSimulator(testPorts({ defaults: { keys: 'none' } }, new VirtualClock()));
      let seen = 0;
      for (const { file, status, url, body, message } of recordings(folder)) {
        if (status < 400 || body === null || BEYOND.test(message)) continue;
        seen += 1;
        const path = url.replace(/^https?:\/\/[^/]+/, '');
        const headers = [['anthropic-version', '2023-06-01']] as const;
        const script = simulator.respond('p', {
          method: 'POST',
          path,
          headers,
          body: textToBytes(JSON.stringify(body)),
        });
        const answer = script.type === 'answer' ? script : null;
        const ours = fieldAt(
          parseJsonOr(bytesToText(answer?.pieces[0]?.bytes ?? EMPTY_BYTES), null),
          'error',
          'message',
        );
        expect({ file, status: answer?.status, message: ours }).toEqual({ file, status, message });
      }
      expect(seen).toBeGreaterThan(0);
    },
  );
});

/** Refusals that need the network, the bytes of an image, or a model's list of features, and an account without a key. */
const BEYOND = /downloading|unsupported image|Web search options|unregistered callers/;

function windowFault(wire: WireName, { body, model, path: place }: Recording): string | null {
  if (body === null) return null;
  const request = WIRES[wire].protocol.downstream.decodeRequest({ model, ...body }, place);
  return windowRefusal(wire, model, request)?.message ?? null;
}

interface Recording {
  readonly file: string;
  readonly status: number;
  readonly path: PathFacts;
  readonly url: string;
  /** Of the error, where it is one. */
  readonly message: string;
  readonly model: string;
  readonly body: { readonly [key: string]: Json | undefined } | null;
}

function* recordings(folder: string): Generator<Recording> {
  for (const entry of readdirSync(path.join(FIXTURES, folder), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.json')) continue;
    const file = path.join(entry.parentPath, entry.name);
    const recording = parseJsonOr(readFileSync(file, 'utf8'), null);
    const body = fieldAt(recording, 'request', 'body');
    const url = asString(fieldAt(recording, 'request', 'url')) ?? '';
    const operation = operationAt('POST', url.replace(/^https?:\/\/[^/]+/, ''), 'chat');
    const place = operation !== null && 'path' in operation ? operation.path : {};
    yield {
      file: path.relative(FIXTURES, file),
      status: asNumber(fieldAt(recording, 'response', 'status')) ?? 0,
      url,
      message: asString(fieldAt(recording, 'response', 'body', 'error', 'message')) ?? '',
      path: place,
      model: place.model ?? asString(field(body, 'model')) ?? '',
      body: isObject(body) ? body : null,
    };
  }
}
