import { inspectTarget } from '../../compose/inspect.ts';
import { previewGateway, type Preview } from '../../compose/preview.ts';
import { CommandError } from '../exit.ts';
import { wrapped } from '../format/table.ts';
import { targetTable } from '../format/targets.ts';
import { readSettings, type SettingsOptions } from '../settings.ts';
import { paint, print, printJson } from '../terminal.ts';

interface ExplainOptions extends SettingsOptions {
  readonly json?: boolean;
  readonly tools?: boolean;
  readonly image?: boolean;
  readonly pdf?: boolean;
  readonly audio?: boolean;
  readonly schema?: boolean;
  readonly tokens?: string;
}

type Facts = Parameters<Preview['gateway']['explain']>[1];
type Plan = ReturnType<Preview['gateway']['explain']>;

/** `bellwether explain MODEL`: where a request would go, in order, and why not elsewhere. Nothing is sent. */
export async function explain(model: string, options: ExplainOptions): Promise<void> {
  const preview = await previewGateway((await readSettings(options)).config);
  try {
    const plan = preview.gateway.explain(model, factsOf(options));
    if (options.json) printJson(asData(model, plan));
    else print(describe(model, plan));
  } finally {
    await preview.close();
  }
}

function factsOf(options: ExplainOptions): Facts {
  return {
    inputTokens: options.tokens === undefined ? 0 : tokenCount(options.tokens),
    tools: options.tools ?? false,
    image: options.image ?? false,
    pdf: options.pdf ?? false,
    audio: options.audio ?? false,
    video: false,
    jsonSchema: options.schema ?? false,
    manyCandidates: false,
    protocol: '',
  };
}

const SUFFIXES: { readonly [suffix: string]: number | undefined } = { '': 1, k: 1_000, m: 1_000_000 };

/** A number of tokens as people type it: `5000`, `200k`, `1m`. */
export function tokenCount(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([km]?)$/i.exec(text);
  const scale = SUFFIXES[match?.[2]?.toLowerCase() ?? ' '];
  const count = Math.round(Number(match?.[1]) * (scale ?? Number.NaN));
  if (Number.isSafeInteger(count)) return count;
  throw new CommandError('usage', `--tokens takes a number such as 5000 or 200k, not "${text}".`);
}

function asData(model: string, { candidates, skipped, reason }: Plan): object {
  return {
    model,
    reason,
    candidates: candidates.map(inspectTarget),
    skipped: skipped.map((each) => ({ target: each.target.address, reason: each.reason })),
  };
}

function describe(model: string, { candidates, skipped, reason }: Plan): string {
  const lines =
    candidates.length === 0
      ? [paint('red', `No target of ${model} can serve such a request.`)]
      : [
          `${paint('bold', model)} goes to the first of these that answers (${reason}):`,
          targetTable(candidates.map(inspectTarget), {
            of: candidates[0]?.servedModel ?? model,
            indent: '  ',
          }),
        ];
  if (skipped.length === 0) return lines.join('\n');
  const passedOver = skipped.map((each) => wrapped(`${each.target.address}: ${each.reason}`, '  '));
  return [...lines, '', paint('dim', 'Passed over:'), ...passedOver].join('\n');
}
