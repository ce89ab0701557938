import type { Attempt } from '../../src/spec/attempt.ts';
import type { GatewayEvent, RequestFinished } from '../../src/spec/event.ts';
import type { Sent, World } from './world.ts';

/** Everything that must hold of a history, whatever the seed; returns what does not, in words. */
export function violations(world: World, sent: readonly Sent[]): readonly string[] {
  const finished = world.events.filter(
    (event): event is RequestFinished => event.type === 'request-finished',
  );
  return [
    ...(finished.length === sent.length
      ? []
      : [`${finished.length} final events for ${sent.length} requests`]),
    ...sent.flatMap((each, index) => answerViolations(each).map((what) => `request ${index}: ${what}`)),
    ...finished.flatMap((event) =>
      logViolations(event, world.events).map((what) => `${event.requestId}: ${what}`),
    ),
    ...(world.virtual.clock.timers === 0 ? [] : [`${world.virtual.clock.timers} timers are left`]),
    ...world.virtual.lines
      .filter(({ level }) => level === 'error')
      .map(({ message, fields }) => `${message}: ${fields['cause']}`),
  ];
}

// What the client saw: exactly one answer, and never a false end.
function answerViolations({ sink, done, request }: Sent): readonly string[] {
  const seen = [
    { holds: done(), what: 'never ended' },
    { holds: !sink.spokeAfterEnd, what: 'spoke after the end' },
    { holds: sink.closed || sink.begun === 1, what: `${sink.begun} answers` },
    { holds: sink.closed || sink.ending !== 'open', what: 'was left open' },
  ];
  const streamed = sink.status === 200 && !sink.closed && isStream(request.body);
  const found = seen.filter(({ holds }) => !holds).map(({ what }) => what);
  return streamed ? [...found, ...streamViolations(sink)] : found;
}

function streamViolations({ body, ending }: Sent['sink']): readonly string[] {
  const ends = terminator(body);
  if (ending === 'whole' && !ends) return ['a stream without its end was passed off as whole'];
  if (ending === 'cut' && ends) return ['a whole stream was cut'];
  if (ending === 'cut' && !body.includes('error')) return ['a stream was cut without a word why'];
  return [];
}

function isStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'stream' in body && body.stream === true;
}

function terminator(body: string): boolean {
  return body.endsWith('data: [DONE]\n\n') || body.includes('"type":"message_stop"');
}

// What the log says: numbered without gaps, within bounds, nothing after the client left, each attempt told once.
function logViolations(event: RequestFinished, events: readonly GatewayEvent[]): readonly string[] {
  const found: string[] = [];
  const told = events.filter(
    (each) => each.type === 'attempt-finished' && each.requestId === event.requestId,
  );
  if (told.length !== event.attempts.length)
    found.push(`${told.length} attempts told, ${event.attempts.length} in the log`);
  if (event.attempts.length > 8) found.push(`${event.attempts.length} attempts`);
  event.attempts.forEach((attempt, index) => {
    if (attempt.number !== index + 1) found.push(`attempt ${index + 1} has the number ${attempt.number}`);
    const last = index === event.attempts.length - 1;
    if (attempt.outcome.type === 'answered' && !last) found.push('an attempt after the answer');
    const next = event.attempts[index + 1];
    if (next !== undefined) found.push(...wrongFollowers(attempt, next));
  });
  const answered = event.attempts.at(-1)?.outcome.type === 'answered';
  if (answered !== (event.error === null)) found.push(`answered ${answered} but error ${event.error?.kind}`);
  if (answered && event.usage === null) found.push('answered without usage');
  return found;
}

// What must not come behind a failure.
function wrongFollowers({ outcome }: Attempt, next: Attempt): readonly string[] {
  if (outcome.type !== 'failed') return [];
  if (outcome.kind === 'client_closed') return ['an attempt after the client left'];
  return outcome.committed && next.resume === null
    ? ['an attempt after content was sent, as if there were none']
    : [];
}
