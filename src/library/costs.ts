import { formatUsd, nanodollars } from '../ledger/money.ts';
import type { GatewayEvent } from '../spec/event.ts';

/** What was spent since the gateway was made. Amounts are exact decimal texts in US dollars. */
export interface Costs {
  readonly totalUsd: string;
  readonly requests: number;
  /** Requests that used tokens without a known price; they are not in the sums. */
  readonly unpricedRequests: number;
  /** By public model or route. */
  readonly byModelUsd: { readonly [model: string]: string };
}

/** Adds up costs from events. */
export function costTally(): { readonly hear: (event: GatewayEvent) => void; readonly sum: () => Costs } {
  const byModel = new Map<string, bigint>();
  let requests = 0;
  let unpriced = 0;
  return {
    hear: (event) => {
      if (event.type !== 'request-finished') return;
      requests += 1;
      if (event.costNanodollars === null) unpriced += 1;
      const model = event.modelKnown && event.model !== null ? event.model : 'other';
      byModel.set(model, (byModel.get(model) ?? 0n) + (event.costNanodollars ?? 0n));
    },
    sum: () => ({
      totalUsd: usd([...byModel.values()].reduce((sum, amount) => sum + amount, 0n)),
      requests,
      unpricedRequests: unpriced,
      byModelUsd: Object.fromEntries([...byModel].map(([model, amount]) => [model, usd(amount)])),
    }),
  };
}

function usd(amount: bigint): string {
  return formatUsd(nanodollars(amount));
}
