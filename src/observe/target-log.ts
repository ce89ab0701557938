import type { CircuitState, GatewayEvent } from '../spec/event.ts';
import type { Log, LogFields } from '../spec/ports.ts';
import { plain } from './line-text.ts';

/** The events that it writes of; to subscribe it with. */
export const TARGET_LOG_EVENTS = ['target-down', 'target-recovered', 'circuit-changed'] as const;

type TargetEvent = Extract<GatewayEvent, { readonly type: (typeof TARGET_LOG_EVENTS)[number] }>;

/**
 * Writes a sentence for each target that goes down or comes back, and for each circuit that opens or closes. What lies between
 * (a probe, a growing share) is for metrics. Subscribe it with a queue.
 */
export function targetLog(log: Log): (event: GatewayEvent) => void {
  return (event) => {
    if (!isTargetEvent(event)) return;
    const line = lineOf(event);
    if (line !== null) log[line.level](line.message, { target: plain(event.target), ...line.fields });
  };
}

interface Line {
  readonly level: 'info' | 'warn';
  readonly message: string;
  readonly fields: LogFields;
}

function lineOf(event: TargetEvent): Line | null {
  const target = plain(event.target);
  switch (event.type) {
    case 'target-down': {
      const { consecutiveFailures, lastError } = event;
      const failures = consecutiveFailures === 1 ? '1 failure' : `${consecutiveFailures} failures in a row`;
      const why = lastError === '' ? '.' : `, the last: ${plain(lastError)}`;
      return {
        level: 'warn',
        message: `${target} is down after ${failures}${why}`,
        fields: { consecutive_failures: consecutiveFailures },
      };
    }
    case 'target-recovered':
      return {
        level: 'info',
        message: `${target} answers again after ${span(event.downMs)}.`,
        fields: { down_ms: event.downMs },
      };
    case 'circuit-changed': {
      const words = CIRCUIT_WORDS[event.to];
      if (words === null) return null;
      const key = event.keyIndex === 0 ? '' : ` under key ${event.keyIndex + 1}`;
      return {
        level: words.level,
        message: `${target}${key} ${words.says}: ${plain(event.reason)}.`,
        fields: { circuit: event.to, key_index: event.keyIndex },
      };
    }
  }
}

const CIRCUIT_WORDS: { readonly [to in CircuitState]: (Pick<Line, 'level'> & { says: string }) | null } = {
  open: { level: 'warn', says: 'is left alone for a while' },
  closed: { level: 'info', says: 'gets all of its calls again' },
  'half-open': null,
  recovering: null,
};

function isTargetEvent(event: GatewayEvent): event is TargetEvent {
  return TARGET_LOG_EVENTS.some((type) => type === event.type);
}

// As long as somebody who was woken wants to know it: `850 ms`, `12 s`, `3 min`, `5 h`.
function span(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}
