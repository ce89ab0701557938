import type { Check, History } from '../history/history.ts';

/** F3: a reload alone changes no circuit. */
export function keepsStateOverReloads(history: History): Check {
  let reloadedMs = -1;
  return {
    onEvent(event) {
      if (event.type === 'config-reloaded') reloadedMs = history.elapsedMs();
      if (event.type === 'circuit-changed' && event.to === 'closed' && event.from === 'open')
        history.violate(
          'F3',
          `the circuit of ${event.target} went from open to closed, ${reloadedMs < 0 ? 'without a probe' : 'by a reload'}`,
        );
    },
  };
}

/** F5: reloads and requests leave nothing behind. */
export function leavesNothingBehind(history: History): Check {
  return {
    atEnd() {
      const { virtual, script, gateway } = history;
      const monitored = script.failover.probeEveryMs === null ? 0 : script.providers.length + 1;
      if (virtual.clock.timers > monitored) history.violate('F5', `${virtual.clock.timers} timers are left`);
      if (gateway.inFlight > 0)
        history.violate('F5', `${gateway.inFlight} requests are counted as under way`);
    },
  };
}

/** Z1: the gateway has no fault of its own to log. */
export function logsNoFault(history: History): Check {
  let read = 0;
  return {
    afterStep() {
      const { lines } = history.virtual;
      for (; read < lines.length; read += 1) {
        const line = lines[read];
        if (line?.level === 'error')
          history.violate('Z1', `${line.message}: ${String(line.fields['cause'])}`);
      }
    },
  };
}
