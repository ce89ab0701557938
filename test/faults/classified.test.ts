import { expect, it } from 'vitest';
import { brandText } from '../../src/base/brand.ts';
import type { Bytes } from '../../src/base/bytes.ts';
import { PROTOCOLS } from '../../src/protocols/index.ts';
import { ruleOf } from '../../src/spec/error.ts';
import { describeShared } from '../shared.ts';
import { catalogue, PROTOCOL_OF, wiresOf, type CataloguedFault, type FaultWire } from './catalogue.ts';
import { EXPECTED, NOW_MS } from './expected.ts';
import { latin1 } from './steps.ts';

describeShared('the reviewed table of faults', () => {
  const entries = catalogue();

  it('has every entry of the catalogue, and no other', () => {
    expect(entries).toHaveLength(144);
    expect(Object.keys(EXPECTED).toSorted()).toEqual(entries.map(({ id }) => id).toSorted());
  });

  it('names of each kind what the error table makes of it', () => {
    for (const [id, { outcome }] of Object.entries(EXPECTED)) {
      if (outcome === null) continue;
      const { next, parks } = ruleOf(outcome.kind);
      expect({ next, parks }, id).toEqual({ next: outcome.next, parks: outcome.parks });
    }
  });

  it('expects the same kind of entries of one class, but where it says why not', () => {
    const kinds = new Map<string, Set<string>>();
    for (const { id, cls, phase } of entries) {
      const expected = EXPECTED[id];
      if (expected === undefined || expected.differs !== undefined || phase !== 'headers') continue;
      const seen = kinds.get(cls) ?? new Set<string>();
      kinds.set(cls, seen.add(expected.outcome?.kind ?? 'answered'));
    }
    const mixed = [...kinds].filter(([, seen]) => seen.size > 1).map(([cls, seen]) => [cls, ...seen]);
    expect(new Set(mixed.map(([cls]) => cls))).toEqual(MIXED);
  });

  const refusals = entries.filter(({ status }) => status !== null && (status < 200 || status > 299));
  it.each(refusals.map((entry) => [entry.id, entry] as const))(
    '%s is classified on its wires',
    (id, entry) => {
      const expected = EXPECTED[id];
      for (const wire of wiresOf(entry)) {
        const failure = decode(entry, wire);
        expect(failure.kind, wire).toBe(expected?.outcome?.kind);
        expect(failure.retryAfterMs, wire).toBe(expected?.retryAfterMs ?? null);
      }
    },
  );
});

// Pages of an edge and brownouts are judged by their status; Google blocks content by the finish of an answer.
const MIXED = new Set(['brownout', 'content_filter', 'edge_html']);

function decode(
  { status, headers, body }: CataloguedFault,
  wire: FaultWire,
): { readonly kind: string; readonly retryAfterMs: number | null } {
  const protocol = PROTOCOLS.find(({ id }) => id === PROTOCOL_OF[wire]);
  const bytes = brandText<Bytes>(latin1(body));
  return protocol!.upstream.decodeError(status ?? 0, Object.entries(headers), bytes, NOW_MS);
}
