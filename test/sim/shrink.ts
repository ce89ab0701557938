import type { HistoryScript, ScriptProvider, ScriptRequest } from './history/script.ts';

/** Whether a script still shows what is looked for. */
export type StillFails = (script: HistoryScript) => Promise<boolean>;

/**
 * Makes a failing history small: drops requests, faults, acts and providers and takes the special out of what is left, as
 * long as it still fails (delta debugging after Zeller and Hildebrandt, 2002). Gives the smallest that was found.
 */
export async function shrink(script: HistoryScript, stillFails: StillFails): Promise<HistoryScript> {
  let best = script;
  for (let before = ''; before !== JSON.stringify(best);) {
    before = JSON.stringify(best);
    best = await withFewer(best, stillFails);
    best = await withPlainer(best, stillFails);
  }
  return best;
}

async function withFewer(script: HistoryScript, stillFails: StillFails): Promise<HistoryScript> {
  let best = script;
  const requests = await fewest(best.requests, (list) => stillFails({ ...best, requests: list }));
  best = { ...best, requests };
  const faults = await fewest(best.faults, (list) => stillFails({ ...best, faults: list }));
  best = { ...best, faults };
  const acts = await fewest(best.acts, (list) => stillFails({ ...best, acts: list }));
  best = { ...best, acts };
  for (let position = best.providers.length - 1; position >= 0; position -= 1) {
    const without = withoutProvider(best, position);
    if (without !== null && (await stillFails(without))) best = without;
  }
  return best;
}

/** The shortest part of a list, in its order, that still fails. */
export async function fewest<Item>(
  list: readonly Item[],
  fails: (list: readonly Item[]) => Promise<boolean>,
): Promise<readonly Item[]> {
  let best = list;
  for (let size = Math.ceil(best.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.length;) {
      const without = [...best.slice(0, from), ...best.slice(from + size)];
      if (await fails(without)) best = without;
      else from += size;
    }
  }
  return best;
}

// Positions behind it move up; null where a model would lose its last target.
function withoutProvider(script: HistoryScript, position: number): HistoryScript | null {
  const moved = (other: number): number => (other > position ? other - 1 : other);
  const models = script.models.map((model) => ({
    ...model,
    targets: model.targets.filter((other) => other !== position).map(moved),
  }));
  if (models.some(({ targets }) => targets.length === 0)) return null;
  if (script.requests.some(({ model }) => model.includes('/'))) return null;
  return {
    ...script,
    models,
    providers: script.providers.filter((_, other) => other !== position),
    faults: script.faults
      .filter(({ provider }) => provider !== position)
      .map((fault) => ({ ...fault, provider: moved(fault.provider) })),
    acts: script.acts.map((act) =>
      act.type === 'reload' && 'provider' in act.change
        ? { ...act, change: { ...act.change, provider: moved(act.change.provider) } }
        : act,
    ),
  };
}

const PLAIN_REQUEST: Partial<ScriptRequest> = {
  limited: false,
  fallbackOff: false,
  resume: null,
  bad: false,
  timeoutMs: null,
  leaveAfterMs: null,
  block: null,
  stream: true,
  surface: 'chat',
  prompt: 1,
};
const PLAIN_PROVIDER: Partial<ScriptProvider> = {
  wire: 'chat',
  keys: 1,
  variant: 0,
  headMs: 1,
  gapMs: 0,
  pieceChars: 40,
  prefill: true,
};

async function withPlainer(script: HistoryScript, stillFails: StillFails): Promise<HistoryScript> {
  let best = script;
  const keep = async (next: HistoryScript): Promise<void> => {
    if (JSON.stringify(next) !== JSON.stringify(best) && (await stillFails(next))) best = next;
  };
  await keep({ ...best, calm: null });
  await keep({
    ...best,
    models: best.models.map((model) => ({ ...model, spareShare: 0, hedgeAfterMs: null })),
  });
  await keep({ ...best, failover: { ...best.failover, probeEveryMs: null, concurrencyMin: null } });
  await keep({ ...best, models: best.models.map((model) => ({ ...model, strategy: 'ordered' })) });
  await keep({ ...best, faults: best.faults.map((fault) => ({ ...fault, share: 1 })) });
  for (const index of best.faults.keys())
    await keep({ ...best, faults: replaced(best.faults, index, { key: null, fromMs: 0, untilMs: 600_000 }) });
  for (const [name, value] of Object.entries(PLAIN_REQUEST))
    for (const index of best.requests.keys())
      await keep({ ...best, requests: replaced(best.requests, index, { [name]: value }) });
  for (const [name, value] of Object.entries(PLAIN_PROVIDER))
    for (const index of best.providers.keys())
      await keep({ ...best, providers: replaced(best.providers, index, { [name]: value }) });
  return best;
}

function replaced<Item>(list: readonly Item[], index: number, change: Partial<Item>): readonly Item[] {
  return list.map((item, each) => (each === index ? { ...item, ...change } : item));
}
