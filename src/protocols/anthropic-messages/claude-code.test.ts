import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeShared, hasShared, sharedPath } from '../../../test/shared.ts';
import { textToBytes } from '../../base/bytes.ts';
import { scanTopLevel } from '../../base/json-scan.ts';
import { isObject, type Json } from '../../base/json.ts';
import type { EncodeTarget } from '../protocol.ts';
import { PLAIN_TARGET } from '../testing/describe-protocol.ts';
import { anthropicMessages } from './protocol.ts';
import { decodeCountRequest } from './count-tokens.ts';

const { downstream, upstream, passthrough } = anthropicMessages;

type Body = { readonly model: string; readonly [key: string]: Json };
type Call = { readonly name: string; readonly body: Body };

const RECORDINGS = ['basic', 'count-tokens', 'retry-529', 'tool-loop', 'unknown-model'];
const calls = hasShared() ? RECORDINGS.flatMap(callsOf) : [];
const turns = calls.filter(({ body }) => 'max_tokens' in body);
const counts = calls.filter(({ body }) => !('max_tokens' in body));

describeShared('requests of Claude Code', () => {
  it('are there', () => {
    expect(turns.length).toBeGreaterThanOrEqual(6);
    expect(counts.length).toBeGreaterThanOrEqual(4);
  });

  it.each(turns)('$name comes back from its own encoding field by field', ({ body }) => {
    const request = downstream.decodeRequest(body, {});
    const encoded = upstream.encodeRequest(request, targetFor(body));
    expect(encoded.warnings).toEqual([]);
    expect(canonical(encoded.body)).toEqual(canonical(body));
  });

  it.each(turns)('$name shows its billing block to no other wire', ({ body }) => {
    const request = downstream.decodeRequest(body, {});
    expect(JSON.stringify({ ...request, extras: null })).not.toContain('x-anthropic-billing-header');
    expect(JSON.stringify(upstream.encodeRequest(request, targetFor(body)).body)).toContain(
      'x-anthropic-billing-header: cc_version=',
    );
  });

  it.each(turns)('$name passes with nothing edited but the model', ({ body }) => {
    const scanned = scanTopLevel(textToBytes(JSON.stringify(body)));
    if (scanned.type === 'bad') throw new Error(scanned.reason);
    const edits = passthrough.edits(scanned.top, true, { ...targetFor(body), model: 'other-name' });
    expect(edits).toEqual({ model: '"other-name"' });
  });

  it.each(counts)('$name counts what it would send', ({ body }) => {
    const request = decodeCountRequest(body);
    expect(request).toMatchObject({ model: body.model, stream: false, tools: [] });
    expect(request.messages).toHaveLength(1);
  });

  it('keeps the place of a later system message, or says it as a reminder', () => {
    const call = turns.find(({ body }) => JSON.stringify(body['messages']).includes('"role":"system"'))!;
    const request = downstream.decodeRequest(call.body, {});
    const native = upstream.encodeRequest(request, targetFor(call.body)).body as Body;
    expect(rolesOf(native)).toEqual(['user', 'system']);
    const { body, warnings } = upstream.encodeRequest(request, {
      ...targetFor(call.body),
      capabilities: { ...targetFor(call.body).capabilities, midConversationSystem: false },
    });
    expect(rolesOf(body as Body)).toEqual(['user']);
    expect(JSON.stringify(body)).toContain('<system-reminder>\\nAvailable agent types');
    expect(warnings.map((warning) => warning.code)).toEqual(['emulated']);
  });
});

function callsOf(file: string): readonly Call[] {
  const path = sharedPath('fixtures', 'clients', `claude-code-${file}.json`);
  const { requests } = JSON.parse(readFileSync(path, 'utf8')) as { requests: { body: Json }[] };
  return requests.flatMap(({ body }, i) =>
    isObject(body) ? [{ name: `${file} ${i}`, body: withoutCut(body) as Body }] : [],
  );
}

// The recordings' tool lists end in a note of how many more there were.
function withoutCut(body: Json): Json {
  if (!isObject(body) || !Array.isArray(body['tools'])) return body;
  return { ...body, tools: body['tools'].filter((tool) => typeof tool !== 'string') };
}

function targetFor(body: Body): EncodeTarget {
  const thinking = body['thinking'];
  const isAdaptive = isObject(thinking) && thinking['type'] === 'adaptive';
  return {
    ...PLAIN_TARGET,
    model: body.model,
    capabilities: {
      ...PLAIN_TARGET.capabilities,
      midConversationSystem: true,
      reasoning: isAdaptive
        ? { type: 'adaptive', efforts: ['low', 'medium', 'high', 'max'] }
        : { type: 'budget', minTokens: 1024, maxTokens: null },
    },
  };
}

// A string and one text block say the same, and so do an absent error flag and one that is false.
function canonical(value: Json): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (!isObject(value)) return value;
  const entries = Object.entries(value)
    .filter(([key, field]) => !(key === 'is_error' && field === false))
    .map(([key, field]) => [
      key,
      isContent(key, field) ? [{ type: 'text', text: field }] : canonical(field!),
    ]);
  return Object.fromEntries(entries);
}

function isContent(key: string, value: Json | undefined): boolean {
  return (key === 'content' || key === 'system') && typeof value === 'string';
}

function rolesOf(body: Body): readonly unknown[] {
  return (body['messages'] as readonly { role: string }[]).map((message) => message.role);
}
