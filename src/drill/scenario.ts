import { z } from 'zod';
import { readTimeSpan } from '../base/time-span.ts';
import { DRILL_SECONDS_MAX } from '../spec/drill.ts';

const span = z
  .union([z.string(), z.number()])
  .transform((value, context) => {
    const ms = readTimeSpan(String(value));
    if (ms !== null) return ms;
    context.addIssue({ code: 'custom', message: 'expected a span of time such as 45s, 15m or 12h' });
    return z.NEVER;
  })
  .describe('A span of time: `45s`, `15m`, `12h`, `2d`; a bare number is seconds.');

const share = z.number().min(0).max(1);

const loadSection = z.strictObject({
  requests_per_second: z.number().gt(0).max(1_000).describe('On average; they come by chance.'),
  for: span.describe('How long requests come.'),
  stream_share: share.default(0.7).describe('Share of requests whose answer is streamed.'),
  models: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('Models to ask for in turn. Default all of the configuration.'),
  count_to: z
    .tuple([z.number().int().min(1).max(2_000), z.number().int().min(1).max(2_000)])
    .default([10, 60])
    .describe(
      'Each request asks to count to a number between these: the length of answers, of which every word is checked.',
    ),
});

const stepSection = z.strictObject({
  at: span.describe('When, from the start.'),
  provider: z.string().describe('Which provider fails.'),
  fault: z.string().describe('Short name of the fault, such as `down` or `cut:5`.'),
  share: z.number().gt(0).max(1).default(1).describe('Chance that a call meets it.'),
  for: span.describe('How long, at most a day.'),
});

const expectSection = z.strictObject({
  lost: z
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('At most so many requests without a whole and right answer.'),
  availability: share.optional().describe('At least this share of requests with a whole and right answer.'),
  added_ms_p99: z
    .number()
    .min(0)
    .optional()
    .describe('At most this much later, for 99 % of those that met a fault and were answered.'),
  calls_per_request: z
    .number()
    .min(1)
    .optional()
    .describe('At most so many calls to providers for each request, on average.'),
  resumed: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe('At least so many streams that broke off and went on.'),
});

/** A scenario file: a gateway, requests, what goes wrong when, and what must come out. */
export const scenarioSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'expected lower-case letters, digits and hyphens'),
  about: z.string().default('').describe('What it shows, in a sentence or two.'),
  seed: z.number().int().min(0).default(1).describe('The same seed gives the same run, request for request.'),
  config: z
    .record(z.string(), z.json())
    .describe('A configuration as in `bellwether.yaml`; every provider is of the kind `simulated`.'),
  load: loadSection,
  steps: z.array(stepSection).max(100),
  expect: expectSection.prefault({}),
});

/** A scenario file that was checked; spans are in milliseconds. */
export type ScenarioFile = z.output<typeof scenarioSchema>;

/** Something wrong with a scenario that its shape does not tell. */
export interface ScenarioProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What its parts say against each other; `known` are the names in its configuration, `wrongFault` says what is wrong with a name. */
export function scenarioProblems(
  { load, steps }: ScenarioFile,
  known: { readonly providers: readonly string[]; readonly models: readonly string[] },
  wrongFault: (name: string) => string | null,
): readonly ScenarioProblem[] {
  const problems: ScenarioProblem[] = [];
  const report = (message: string, ...path: readonly (string | number)[]): void =>
    void problems.push({ path, message });
  const [least, most] = load.count_to;
  if (least > most) report('the first number is larger than the second', 'load', 'count_to');
  for (const [index, model] of (load.models ?? []).entries()) {
    if (!known.models.includes(model))
      report(`there is no model "${model}" in config`, 'load', 'models', index);
  }
  for (const [index, step] of steps.entries()) {
    if (!known.providers.includes(step.provider))
      report(`there is no provider "${step.provider}" in config.providers`, 'steps', index, 'provider');
    const wrong = wrongFault(step.fault);
    if (wrong !== null) report(wrong, 'steps', index, 'fault');
    if (step.for <= 0 || step.for > DRILL_SECONDS_MAX * 1000)
      report('a fault lasts more than 0 s and at most a day', 'steps', index, 'for');
    if (step.at > load.for) report('it begins when no request comes any more', 'steps', index, 'at');
  }
  return problems;
}

/** The JSON Schema of scenario files, for editors. */
export function scenarioJsonSchema(): object {
  return z.toJSONSchema(scenarioSchema, { io: 'input', target: 'draft-2020-12' });
}
