import { describe, expect, it } from 'vitest';
import { describeShared } from '../shared.ts';
import { ASPECTS, differences, type Aspect } from './compare.ts';
import { readExceptions, type Exception } from './exceptions.ts';
import type { Reading, Value } from './oracle/reading.ts';
import type { StreamEvent } from './oracle/sse.ts';
import { isJoined, recordedApis, recordingsOf, type Recording } from './recordings.ts';
import { CUTS, decode, encodeStream, encodeWhole, type Decoded } from './replay.ts';
import { schemaViolations, type SchemaRoot } from './schema.ts';
import { WIRES, type Wire } from './wires.ts';

/** One thing that is not as it should be. */
interface Finding {
  readonly recording: string;
  readonly client: string;
  readonly form: 'stream' | 'whole';
  readonly aspect: Aspect | 'schema' | 'order';
  readonly what: string;
}

/** One recorded answer given to one client in one form. */
interface Run {
  readonly findings: readonly Finding[];
}

const EXACT_MIN = 0.99;

describeShared('replay of recorded answers', () => {
  const answers = WIRES.flatMap((wire) => answersOf(wire).map((recording) => ({ wire, recording })));
  const runs = answers.flatMap(({ wire, recording }) => replay(wire, recording));
  const findings = runs.flatMap((run) => run.findings);
  const exceptions = readExceptions();
  printFigures(runs);

  describe.each(['schema', 'order', ...ASPECTS] as const)('%s', (aspect) => {
    it('is as it should be, but for the exceptions', () => {
      const unexpected = findings.filter(
        (finding) => finding.aspect === aspect && !exceptions.some((each) => covers(each, finding)),
      );
      expect(unexpected.map(inWords)).toEqual([]);
    });

    it(`is exact for ${EXACT_MIN * 100} % of all answers, exceptions counted as misses`, () => {
      const missed = runs.filter((run) => run.findings.some((finding) => finding.aspect === aspect));
      expect(1 - missed.length / runs.length).toBeGreaterThanOrEqual(EXACT_MIN);
    });
  });

  it('has no exception that no longer occurs', () => {
    const stale = exceptions.filter((each) => !findings.some((finding) => covers(each, finding)));
    expect(stale).toEqual([]);
  });

  it('is the same however the network cuts the stream', () => {
    const different = answers.flatMap(({ wire, recording }) => {
      const whole = decode(wire, recording, CUTS['one write']!);
      const same = (name: string): boolean => isSame(whole, decode(wire, recording, CUTS[name]!));
      return Object.keys(CUTS)
        .filter((name) => !same(name))
        .map((name) => `${recording.id}: ${name}`);
    });
    expect(different).toEqual([]);
  });
});

function answersOf(wire: Wire): readonly Recording[] {
  return recordingsOf(wire.api).filter((recording) => recording.status === 200 && !isJoined(recording));
}

/** A recorded answer: where it comes from, what the oracle reads in it, and what our codec made of it. */
interface Answered {
  readonly wire: Wire;
  readonly id: string;
  readonly recorded: Reading;
  readonly decoded: Decoded;
}

function replay(wire: Wire, recording: Recording): readonly Run[] {
  const recorded = readRecording(wire, recording);
  const answered = { wire, id: recording.id, recorded, decoded: decode(wire, recording, CUTS['one write']!) };
  return WIRES.flatMap((client) => [
    { findings: asStream(client, answered) },
    { findings: asWhole(client, answered) },
  ]);
}

function readRecording(wire: Wire, { answer }: Recording): Reading {
  return answer.type === 'body' ? wire.read(answer.body) : wire.readStream(answer.payloads);
}

function asStream(client: Wire, { wire, id, recorded, decoded }: Answered): readonly Finding[] {
  const events = encodeStream(client.protocol, decoded);
  const payloads = events.filter(isPayload).map((event) => JSON.parse(event.data) as Value);
  const find = finder(id, client, 'stream');
  return [
    ...payloads.flatMap((each) => schemaOf(client, wire, each, 'event').map((what) => find('schema', what))),
    ...client.order(events).map((what) => find('order', what)),
    ...compared(client, recorded, client.readStream(payloads), find),
  ];
}

function asWhole(client: Wire, { wire, id, recorded, decoded }: Answered): readonly Finding[] {
  const body = encodeWhole(client.protocol, decoded);
  const find = finder(id, client, 'whole');
  return [
    ...schemaOf(client, wire, body, 'answer').map((what) => find('schema', what)),
    ...compared(client, recorded, client.read(body), find),
  ];
}

type Find = (aspect: Finding['aspect'], what: string) => Finding;

function finder(recording: string, client: Wire, form: Finding['form']): Find {
  return (aspect, what) => ({ recording, client: client.protocol.id, form, aspect, what });
}

function compared(client: Wire, recorded: Reading, given: Reading, find: Find): readonly Finding[] {
  return [...differences(client, recorded, given)].map(([aspect, what]) => find(aspect, what));
}

// One sentence for a value: a union that fails complains about each of its branches.
function schemaOf(client: Wire, origin: Wire, value: Value, form: 'event' | 'answer'): readonly string[] {
  const violations = rootsOf(client, origin, value, form).flatMap((root) =>
    schemaViolations(root, root.closed === true ? without(value, client.carriers) : value),
  );
  const more = violations.length > 1 ? `, and ${violations.length - 1} more` : '';
  return violations.slice(0, 1).map((what) => `${what}${more}`);
}

// An answer of the client's own wire may hold what is newer than the schema. One of another wire is all our own words: it
// must be right in every version of the wire, and a field that the wire does not know has leaked.
function rootsOf(client: Wire, origin: Wire, value: Value, form: 'event' | 'answer'): readonly SchemaRoot[] {
  if (client.read(value).failed) return [client.schemas.error];
  const root = client.schemas[form];
  if (client === origin) return [root];
  const closed: SchemaRoot = {
    file: root.file,
    name: root.name,
    ...(root.union && { union: root.union }),
    closed: true,
  };
  return client.newer === undefined ? [closed] : [closed, client.newer[form]];
}

// The value without these fields, at any depth.
function without(value: Value, fields: readonly string[]): Value {
  if (fields.length === 0) return value;
  return JSON.parse(
    JSON.stringify(value, (key, each: unknown) => (fields.includes(key) ? undefined : each)),
  ) as Value;
}

function isPayload({ name, data }: StreamEvent): boolean {
  return data !== '[DONE]' && name !== 'ping';
}

function isSame(one: Decoded, other: Decoded): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function covers(exception: Exception, finding: Finding): boolean {
  return (
    exception.recording === finding.recording &&
    exception.aspect === finding.aspect &&
    (exception.client === 'any' || exception.client === finding.client)
  );
}

function inWords({ recording, client, form, aspect, what }: Finding): string {
  return `${recording} to a client of ${client} (${form}), ${aspect}: ${what}`;
}

function printFigures(runs: readonly Run[]): void {
  const lines = (['schema', 'order', ...ASPECTS] as const).map((aspect) => {
    const right = runs.filter((run) => !run.findings.some((finding) => finding.aspect === aspect)).length;
    return `  ${aspect}: ${right} of ${runs.length} (${((100 * right) / runs.length).toFixed(2)} %)`;
  });
  const spoken = new Set(WIRES.map((wire) => wire.api));
  const unspoken = recordedApis().filter((api) => !spoken.has(api)).length;
  const text = [`Recorded answers that arrive right, given to clients of ${WIRES.length} wires:`, ...lines];
  process.stderr.write(`${text.join('\n')}\n  recordings of wires that are not spoken yet: ${unspoken}\n`);
}
