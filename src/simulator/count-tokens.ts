import { GatewayError } from '../spec/error.ts';
import { inputTokens } from './answer/usage.ts';
import type { Reply } from './reply.ts';
import type { PathFacts } from './route.ts';
import type { Ruled } from './rules/rule.ts';
import type { Wire } from './wires.ts';

/** Answers a request to count tokens: the same number that the answer's usage will have. */
export function countTokensAnswer(wire: Wire, ruled: Ruled, path: PathFacts): Reply {
  try {
    // Counting needs no limit of the answer, which decoding a request for generation may demand.
    const body = wire.name === 'messages' ? { max_tokens: 1, ...ruled.body } : ruled.body;
    const request = wire.protocol.downstream.decodeRequest(
      { ...body, model: ruled.model },
      path.model === undefined ? {} : { model: ruled.model },
    );
    const tokens = inputTokens(request);
    return {
      type: 'json',
      body: wire.name === 'messages' ? { input_tokens: tokens } : { totalTokens: tokens },
    };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { type: 'refused', refusal: { status: 400, message: error.message } };
  }
}
