import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/base/json.ts';
import { GatewayError } from '../../src/spec/error.ts';
import type { GenerateRequest, Warning } from '../../src/spec/generate.ts';
import { NO_QUIRKS } from '../../src/spec/provider.ts';
import { describeShared } from '../shared.ts';
import { meaningOf } from './meaning.ts';
import type { Value } from './oracle/reading.ts';
import { clientRequests, crossRequests, recordedRequests, type ClientRequest } from './requests.ts';
import { schemaViolations } from './schema.ts';
import { WIRES, type Wire } from './wires.ts';

const MODEL = 'upstream-model';

interface Translation {
  readonly name: string;
  readonly from: Wire;
  readonly to: Wire;
  readonly original: Value;
  readonly request: GenerateRequest;
  readonly outcome:
    | { readonly type: 'encoded'; readonly body: Value; readonly warnings: readonly Warning[] }
    | { readonly type: 'refused'; readonly message: string };
}

describeShared('requests of real clients', () => {
  const requests = WIRES.map((wire) => {
    const all = [...crossRequests(wire.api), ...recordedRequests(wire.api), ...clientRequests(wire.api)];
    return { wire, all };
  });

  it.each(requests)('are all understood where they are valid ($wire.protocol.id)', ({ wire, all }) => {
    const failures = all.filter((request) => refusal(wire, request) !== null);
    const valid = failures.filter(({ body }) => schemaViolations(wire.schemas.request, body).length === 0);
    expect(valid.map((request) => refusal(wire, request))).toEqual([]);
    expect(all.length - failures.length).toBeGreaterThan(50);
  });

  const pairs = WIRES.flatMap((from) => WIRES.map((to) => ({ from, to })));
  describe.each(pairs)('from $from.protocol.id to $to.protocol.id', ({ from, to }) => {
    const all = requests.find(({ wire }) => wire === from)?.all ?? [];
    const translations = all
      .filter((request) => refusal(from, request) === null)
      .map((request) => translate(from, to, request));

    it('become what the target accepts, or are refused in words', () => {
      expect(translations.flatMap(invalidities)).toEqual([]);
    });

    it('still ask for the same where no warning is noted', () => {
      expect(translations.flatMap(changes)).toEqual([]);
    });
  });
});

// The words in which a request is refused, null where it is understood.
function refusal(wire: Wire, { name, body, path }: ClientRequest): string | null {
  try {
    wire.protocol.downstream.decodeRequest(body as Json, path);
    return null;
  } catch (error) {
    if (!(error instanceof GatewayError) || error.kind !== 'invalid_request') throw error;
    return `${name}: ${error.message}`;
  }
}

function translate(from: Wire, to: Wire, { name, body, path }: ClientRequest): Translation {
  const request = from.protocol.downstream.decodeRequest(body as Json, path);
  const translation = { name, from, to, request, original: body };
  try {
    const encoded = to.protocol.upstream.encodeRequest(request, {
      model: MODEL,
      capabilities: to.capabilities,
      quirks: NO_QUIRKS,
    });
    const outcome = { type: 'encoded', body: overTheWire(encoded.body), warnings: encoded.warnings } as const;
    return { ...translation, outcome };
  } catch (error) {
    if (!(error instanceof GatewayError) || error.kind !== 'unsupported') throw error;
    return { ...translation, outcome: { type: 'refused', message: error.message } };
  }
}

// Within one wire, fields and tools pass that are newer than the published schema: then the client's own request fails it too.
function invalidities({ name, from, to, original, outcome }: Translation): readonly string[] {
  if (outcome.type === 'refused') return outcome.message === '' ? [`${name}: refused without a word`] : [];
  if (from === to && schemaViolations(from.schemas.request, original).length > 0) return [];
  const violations = schemaViolations(to.schemas.request, outcome.body);
  return violations.slice(0, 1).map((what) => `${name}: ${what}, and ${violations.length - 1} more`);
}

function changes({ name, to, request, outcome }: Translation): readonly string[] {
  if (outcome.type === 'refused' || outcome.warnings.length > 0) return [];
  const path = { model: MODEL, stream: request.stream };
  const back = to.protocol.downstream.decodeRequest(outcome.body as Json, path);
  const [wanted, got] = [meaningOf(request), meaningOf(back)] as [Fields, Fields];
  return Object.keys({ ...wanted, ...got })
    .filter((key) => !isDeepStrictEqual(plain(wanted[key]), plain(got[key])))
    .map((key) => `${name}: ${key} was ${brief(wanted[key])}, became ${brief(got[key])}`);
}

interface Fields {
  readonly [key: string]: unknown;
}

function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 400 ? `${text.slice(0, 250)}…${text.slice(-140)}` : text;
}

function overTheWire(body: Json): Value {
  return JSON.parse(JSON.stringify(body)) as Value;
}
