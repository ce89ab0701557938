import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describeShared } from '../../../test/shared.ts';
import type { Json } from '../../base/json.ts';
import { generateRequest, generateResult, pieceSizes, SEED, streamOf } from '../testing/arbitraries.ts';
import { contextOf, PLAIN_TARGET } from '../testing/describe-protocol.ts';
import { anthropicMessages } from './protocol.ts';
import { checkOrder } from './testing/order.ts';
import { historyFaults, type WireTurn } from './testing/history.ts';
import { schemaCheck } from '../testing/schema.ts';

const { downstream, upstream } = anthropicMessages;

// State of this wire and of another: both must fit into the published shapes.
const ORIGINS = ['anthropic-messages', 'gemini'];

describeShared('what is written fits the published schemas', () => {
  const messages = [schemaCheck('anthropic', 'Message'), schemaCheck('anthropic-2026-10-21', 'Message')];
  const events = [
    schemaCheck('anthropic', 'MessageStreamEvent'),
    schemaCheck('anthropic-2026-10-21', 'RawMessageStreamEvent'),
  ];
  // Version 2026-10-21 has no sampling fields any more; as fields that it does not know they do not offend it.
  const requests = [
    schemaCheck('anthropic', 'CreateMessageParams'),
    schemaCheck('anthropic-2026-10-21', 'MessageCreateParams'),
  ];

  it.each(ORIGINS)('as whole answers with state of %s', (origin) => {
    fc.assert(
      fc.property(generateResult(origin), (result) => {
        const body = downstream.encodeResult(result, contextOf());
        expect(messages.map((check) => check(body))).toEqual([null, null]);
      }),
      { seed: SEED },
    );
  });

  it.each(ORIGINS)('as streams with state of %s, in order', (origin) => {
    fc.assert(
      fc.property(generateResult(origin), pieceSizes, (result, sizes) => {
        const pump = downstream.encodeStream(contextOf());
        const written = [...streamOf(result, sizes).flatMap((part) => [...pump.push(part)]), ...pump.end()];
        expect(checkOrder(written)).toBe('complete');
        for (const { data } of written) {
          const payload = JSON.parse(data) as Json;
          expect([data, ...events.map((check) => check(payload))]).toEqual([data, null, null]);
        }
      }),
      { seed: SEED },
    );
  });

  it.each(ORIGINS)('as requests with state of %s, with a history that the API takes', (origin) => {
    fc.assert(
      fc.property(generateRequest(origin), (request) => {
        const { body } = upstream.encodeRequest(request, PLAIN_TARGET);
        expect(requests.map((check) => check(body))).toEqual([null, null]);
        expect(historyFaults((body as { messages: WireTurn[] }).messages)).toEqual([]);
      }),
      { seed: SEED },
    );
  });
});
