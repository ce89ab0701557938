import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textToBytes } from '../base/bytes.ts';
import { scanTopLevel } from '../base/json-scan.ts';
import { PROTOCOLS } from '../protocols/index.ts';
import { generateRequest } from '../protocols/testing/arbitraries.ts';
import { PLAIN_TARGET } from '../protocols/testing/describe-protocol.ts';
import { concernsOf } from '../routing/eligible.ts';
import { testTarget } from '../routing/testing/targets.ts';
import { GatewayError } from '../spec/error.ts';
import { UNKNOWN_CAPABILITIES } from '../spec/model.ts';
import { exactFacts, sketchFacts } from './facts.ts';

// Concerned with everything: a target that can do nothing and has next to no window.
const CONCERNS = concernsOf([
  testTarget('p/poor', {
    capabilities: {
      ...UNKNOWN_CAPABILITIES,
      contextTokensMax: 1,
      tools: false,
      image: false,
      pdf: false,
      audio: false,
      video: false,
      structuredOutput: false,
    },
  }),
]);

describe.each(PROTOCOLS.map((protocol) => [protocol.id, protocol] as const))(
  'facts of a request on %s',
  (_id, protocol) => {
    it('as sketched from its bytes never lack what the decoded request needs', () => {
      let compared = 0;
      fc.assert(
        fc.property(generateRequest(protocol.id), (request) => {
          const body = bodyOf(
            () => protocol.upstream.encodeRequest(request, { ...PLAIN_TARGET, request }).body,
          );
          if (body === null) return;
          const bytes = textToBytes(JSON.stringify(body));
          const scanned = scanTopLevel(bytes);
          if (scanned.type === 'bad') throw new Error(scanned.reason);
          const decoded = protocol.downstream.decodeRequest(body, { model: 'm', stream: false });
          const sketch = sketchFacts(scanned.top, protocol.id, CONCERNS);
          const exact = exactFacts(decoded, bytes, protocol.id);
          for (const need of [
            'tools',
            'image',
            'pdf',
            'audio',
            'video',
            'jsonSchema',
            'manyCandidates',
          ] as const) {
            if (exact[need] && !sketch[need])
              throw new Error(`${need} was missed in ${JSON.stringify(body)}`);
          }
          compared += 1;
        }),
        { numRuns: 300, seed: 11 },
      );
      expect(compared).toBeGreaterThan(200);
    });
  },
);

// What this wire cannot say needs no facts.
function bodyOf<Body>(encode: () => Body): Body | null {
  try {
    return encode();
  } catch (error) {
    if (error instanceof GatewayError) return null;
    throw error;
  }
}

describe('a target that lacks nothing', () => {
  it('concerns nobody, so nothing is looked for', () => {
    expect(concernsOf([testTarget('p/able')])).toEqual({
      window: null,
      tools: false,
      image: false,
      pdf: false,
      audio: false,
      video: false,
      jsonSchema: false,
    });
  });
});
