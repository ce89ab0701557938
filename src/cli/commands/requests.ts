import type { RequestAnswer, RequestsAnswer } from '../admin/answers.ts';
import { openAdmin, type AdminOptions } from '../admin/door.ts';
import { CommandError } from '../exit.ts';
import { duration, localTime, usd } from '../format/amount.ts';
import { table } from '../format/table.ts';
import { waterfall } from '../format/waterfall.ts';
import { harmless, paint, print, printJson, say } from '../terminal.ts';

interface RequestsOptions extends AdminOptions {
  readonly json?: boolean;
  readonly limit?: string;
  readonly failed?: boolean;
  readonly recovered?: boolean;
  readonly resumed?: boolean;
  readonly model?: string;
}

const OUTCOMES = ['failed', 'recovered', 'resumed'] as const;

/** `bellwether requests [ID]`: the last requests, or one with all of its attempts. */
export async function requests(id: string | undefined, options: RequestsOptions): Promise<void> {
  const outcomes = OUTCOMES.filter((outcome) => options[outcome]);
  if (outcomes.length > 1)
    throw new CommandError('usage', 'Give one of --failed, --recovered and --resumed, not several.');
  const admin = await openAdmin(options, 'present');
  try {
    if (id === undefined) {
      const query = {
        limit: options.limit ?? '20',
        model: options.model,
        outcome: outcomes[0],
      };
      showList(await admin.call<RequestsAnswer>({ method: 'GET', path: '/requests', query }), options);
    } else {
      const path = `/requests/${encodeURIComponent(id)}`;
      showOne(await admin.call<RequestAnswer>({ method: 'GET', path }), options);
    }
  } finally {
    await admin.close();
  }
}

const HEADER = ['TIME', 'ID', 'MODEL', 'TARGET', 'STATUS', 'TRIES', 'TOOK', 'COST'];

function showList(page: RequestsAnswer, { json }: RequestsOptions): void {
  if (json) printJson(page);
  else if (page.requests.length === 0)
    say('No such request is in the log (yet: rows are written about once a second).');
  else print(table([HEADER.map((title) => paint('dim', title)), ...page.requests.map(row)]));
}

function row(request: RequestAnswer): readonly string[] {
  return [
    localTime(request.started_at),
    request.id,
    harmless(request.model ?? '–'),
    harmless(request.target ?? '–'),
    statusWords(request),
    String(request.attempts.length),
    duration(request.duration_ms),
    request.cost_usd === null ? '?' : usd(request.cost_usd),
  ];
}

// A stream that broke after its head has the status 200 and an error.
function statusWords({ status, error }: RequestAnswer): string {
  if (status < 400 && error !== null) return paint('red', `${status}, broke off`);
  return status < 400 ? String(status) : paint(status < 500 ? 'yellow' : 'red', String(status));
}

function showOne(request: RequestAnswer, { json }: RequestsOptions): void {
  if (json) {
    printJson(request);
    return;
  }
  print(`${table(facts(request))}\n\n${waterfall(request)}`);
}

function facts(request: RequestAnswer): readonly (readonly string[])[] {
  const { error, usage, first_token_ms: firstTokenMs } = request;
  const used = Object.entries(usage ?? {}).filter(
    ([name, value]) => name !== 'source' && value !== null && value !== 0,
  );
  return [
    ['Request', request.id],
    ['At', localTime(request.started_at)],
    [
      'Asked',
      `${harmless(request.model ?? 'no model')} by ${request.protocol}${request.stream ? ', streamed' : ''}`,
    ],
    ['Answered', `${statusWords(request)} from ${harmless(request.target ?? 'nobody')}`],
    ...(request.route_reason === null ? [] : [['Why there', harmless(request.route_reason)]]),
    ...(error === null ? [] : [['Error', `${error.kind}: ${harmless(error.message)}`]]),
    ['Took', `${duration(request.duration_ms)}, of which the gateway ${duration(request.overhead_ms)}`],
    ...(firstTokenMs === null ? [] : [['First token', `after ${duration(firstTokenMs)}`]]),
    ...(used.length === 0 ? [] : [['Tokens', used.map(([name, value]) => `${value} ${name}`).join(', ')]]),
    ['Cost', usd(request.cost_usd)],
    ...request.warnings.map(({ code, message }) => ['Warning', `${code}: ${harmless(message)}`]),
  ];
}
