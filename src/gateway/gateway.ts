import { Slots } from '../base/slots.ts';
import { unreachable } from '../base/assert.ts';
import { plan, type Plan } from '../routing/plan.ts';
import type { RequestFacts } from '../routing/facts.ts';
import { targetsOf } from '../routing/route.ts';
import type { GatewayError } from '../spec/error.ts';
import { admit, callerOf } from './admit.ts';
import type { FoundAnswer } from './answer-keeper.ts';
import type { HeaderSource, InferenceCall } from './call.ts';
import { countTokens } from './count-tokens.ts';
import type { GatewayPorts } from './ports.ts';
import { findRoute, routeFor, type NamedRoute, type Snapshot } from './snapshot.ts';
import { RequestRun, type Admitted, type RequestsUnderWay } from './request-run.ts';
import { IDEMPOTENCY_HEADER, serveOnce } from './serve-once.ts';
import { serve } from './serve.ts';

/** A name that clients may ask for. */
export interface PublicModel {
  readonly name: string;
  readonly kind: NamedRoute['kind'];
  /** Limits of its first target; null where unknown. */
  readonly contextTokensMax: number | null;
  readonly outputTokensMax: number | null;
  /** When the configuration that has it took effect. */
  readonly sinceMs: number;
}

/** The gateway: serves calls on the snapshot in force and answers questions about it. */
export class Gateway {
  readonly #ports: GatewayPorts;
  #inFlight = 0;
  readonly #underWay: RequestsUnderWay = new Slots();

  constructor(ports: GatewayPorts) {
    this.#ports = ports;
  }

  get snapshot(): Snapshot {
    return this.#ports.snapshot();
  }

  /** Calls being served now. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Serves one call to its one final answer. Never rejects. */
  async serve(call: InferenceCall): Promise<void> {
    this.#inFlight += 1;
    try {
      await this.#serve(call);
    } finally {
      this.#inFlight -= 1;
    }
  }

  /** Ends every request under way with an error that its client is told, in its own envelope; how many there were. */
  interrupt(error: GatewayError): number {
    const runs = this.#underWay.all();
    for (const run of runs) run.interrupt(error);
    return runs.length;
  }

  /** The kept answer to an earlier request of the same key. Throws `unauthenticated` without a valid one. */
  answerOf(client: HeaderSource, requestId: string): Promise<FoundAnswer> {
    const { keyId } = callerOf(this.#ports.keys, client);
    return this.#ports.answers.find(keyId, requestId);
  }

  /**
   * Looks at a call as `serve` would and goes no further: who asks, for which model, and as a stream or not. Throws the error
   * that refuses it.
   */
  check(call: InferenceCall): Pick<Admitted, 'caller' | 'model' | 'stream'> {
    const { caller, model, stream } = admit(new RequestRun(this.#ports, call));
    return { caller, model, stream };
  }

  /** Every public name, models before routes. */
  models(): readonly PublicModel[] {
    const { names, builtAtMs } = this.snapshot;
    return [...names.values()].map(({ name, kind, route }) => {
      const capabilities = targetsOf(route)[0]?.capabilities;
      return {
        name,
        kind,
        contextTokensMax: capabilities?.contextTokensMax ?? null,
        outputTokensMax: capabilities?.outputTokensMax ?? null,
        sinceMs: builtAtMs,
      };
    });
  }

  /** The public names that the client may ask for. Throws `unauthenticated` without a valid key. */
  modelsFor(client: HeaderSource): readonly PublicModel[] {
    const { models } = callerOf(this.#ports.keys, client);
    return this.models().filter(({ name }) => models === null || models.includes(name));
  }

  /** Whether a name means something here. */
  knows(name: string): boolean {
    return findRoute(this.snapshot, name) !== null;
  }

  /** The plan that a request of this kind would get now, without calling anybody. Throws where the name is unknown. */
  explain(name: string, facts: RequestFacts): Plan {
    const { clock, random } = this.#ports.runtime;
    const named = routeFor(this.snapshot, name);
    return plan({
      route: named.route,
      facts,
      random: () => random.next(),
      deadlineAtMs: clock.nowMs() + named.totalMs,
      failover: named.failover,
      spares: false,
    });
  }

  #serve(call: InferenceCall): Promise<void> {
    const { operation } = call.surface;
    switch (operation) {
      case 'generate':
      case 'embed':
        if (call.client.header(IDEMPOTENCY_HEADER) !== undefined && this.#ports.answers.once) {
          return serveOnce(this.#ports, call, this.#underWay);
        }
        return serve(this.#ports, call, this.#underWay);
      case 'count-tokens':
        return countTokens(this.#ports, call);
      default:
        return unreachable(operation);
    }
  }
}
