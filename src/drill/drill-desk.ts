import { didYouMean } from '../base/nearest.ts';
import { timeId } from '../base/time-id.ts';
import type { FaultKind } from '../simulator/faults/fault.ts';
import { FAULT_NAMES, faultNamed } from '../simulator/faults/names.ts';
import type { WireName } from '../simulator/settings.ts';
import { DRILL_SECONDS_MAX, type Drill, type DrillOrder, type DrillStart } from '../spec/drill.ts';
import type { DrillEnding, GatewayEvent, RequestFinished } from '../spec/event.ts';
import type { Clock, Log, Random, Timer, Transport } from '../spec/ports.ts';
import type { WireCall, WireHandler, WireRequest } from '../spec/wire.ts';
import { breakCall, wireOf } from './break-call.ts';
import { DrillTally } from './drill-tally.ts';
import type { CallBreaker, DrillTransport } from './drill-transport.ts';
import { HitList } from './hit-list.ts';

/** Drills at once, and how many in all can be looked at, with those that are over. */
export const DRILLS_MAX = 16;
const KEPT_MAX = 64;

/** A provider that can be made to fail. */
export interface DrillableProvider {
  readonly name: string;
  readonly baseUrl: string;
  /** Id of the protocol that it speaks. */
  readonly protocolId: string;
}

/** What the desk needs of the gateway around it. */
export interface DrillPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly transport: DrillTransport;
  publish(event: GatewayEvent): void;
  /** Hears the ends of requests and changes of circuits until the function that is returned is called. */
  subscribe(listener: (event: GatewayEvent) => void): () => void;
  /** The providers of the configuration in force. */
  providers(): readonly DrillableProvider[];
  /** Names of the providers that could serve a model; none where the name means nothing. */
  providersOf(model: string): readonly string[];
}

interface Running {
  readonly id: string;
  readonly order: DrillOrder;
  readonly kind: FaultKind;
  readonly provider: DrillableProvider;
  readonly wire: WireName;
  readonly startedAtMs: number;
  readonly untilMs: number;
  readonly timer: Timer;
  readonly tally: DrillTally;
  endedAtMs: number | null;
  ending: DrillEnding | null;
}

/** Starts, stops and lists drills, breaks the calls that meet them, and adds up what comes of it. */
export class DrillDesk implements CallBreaker {
  readonly #ports: DrillPorts;
  /** By id, oldest first; those that are over stay to be looked at. */
  readonly #drills = new Map<string, Running>();
  readonly #hits = new HitList();
  #unsubscribe: (() => void) | null = null;
  #calls = 0;

  constructor(ports: DrillPorts) {
    this.#ports = ports;
  }

  start(order: DrillOrder): DrillStart {
    const { clock, random, log, transport } = this.#ports;
    const checked = this.#checked(order);
    if ('message' in checked) return { type: 'refused', ...checked };
    const startedAtMs = clock.nowMs();
    const id = timeId('drl_', startedAtMs, random.hex(4));
    const untilMs = startedAtMs + order.seconds * 1000;
    const running: Running = {
      ...checked,
      id,
      order,
      startedAtMs,
      untilMs,
      timer: clock.after(order.seconds * 1000, () => this.#end(running, 'time')),
      tally: new DrillTally(order.provider),
      endedAtMs: null,
      ending: null,
    };
    this.#drills.set(id, running);
    this.#forgetOldest();
    this.#unsubscribe ??= this.#ports.subscribe((event) => this.#hear(event));
    transport.breakWith(this);
    const { provider, fault, share, startedBy } = order;
    log.warn(
      `DRILL: ${shareText(share)} calls to ${provider} get the fault "${fault}" for ${order.seconds} s.`,
      {
        drill: id,
        provider,
        fault,
        share,
        seconds: order.seconds,
        by: startedBy,
      },
    );
    this.#ports.publish({
      type: 'drill-started',
      atMs: startedAtMs,
      drillId: id,
      provider,
      fault,
      share,
      untilMs,
      startedBy,
    });
    return { type: 'started', drill: this.#view(running) };
  }

  /** All drills that are known, newest first. */
  list(): readonly Drill[] {
    return [...this.#drills.values()].toReversed().map((running) => this.#view(running));
  }

  /** Null where no drill has this id, or it was forgotten. */
  get(id: string): Drill | null {
    const running = this.#drills.get(id);
    return running === undefined ? null : this.#view(running);
  }

  /** Ends a drill before its time; one that is over stays as it is. Null where no drill has this id. */
  stop(id: string): Drill | null {
    const running = this.#drills.get(id);
    if (running === undefined) return null;
    this.#end(running, 'stopped');
    return this.#view(running);
  }

  /** Ends all of them. */
  endAll(ending: DrillEnding): void {
    for (const running of this.#drills.values()) this.#end(running, ending);
  }

  send(request: WireRequest, handler: WireHandler, inner: Transport): WireCall {
    const met = this.#met(request);
    if (met === null) return inner.send(request, handler);
    const { clock } = this.#ports;
    this.#calls += 1;
    if (request.requestId !== undefined) {
      const { name } = met.provider;
      const hit = { drillId: met.id, provider: name, fault: met.order.fault, atMs: clock.nowMs() };
      this.#hits.add(request.requestId, hit);
    }
    const seed = `${met.id}-${this.#calls}`;
    return breakCall({ fault: met.kind, wire: met.wire, request, handler, inner, clock, seed });
  }

  /** The event, with every attempt that met a fault saying so; any other event as it is. */
  marked(event: GatewayEvent): GatewayEvent {
    return this.#hits.size === 0 ? event : this.#hits.marked(event);
  }

  #checked(
    order: DrillOrder,
  ):
    | { readonly kind: FaultKind; readonly provider: DrillableProvider; readonly wire: WireName }
    | { readonly field: keyof DrillOrder | null; readonly message: string } {
    const providers = this.#ports.providers();
    const provider = providers.find(({ name }) => name === order.provider);
    if (provider === undefined) {
      const hint = didYouMean(
        order.provider,
        providers.map(({ name }) => name),
      );
      return {
        field: 'provider',
        message: `No provider is called "${order.provider.slice(0, 100)}"${hint}.`,
      };
    }
    const kind = faultNamed(order.fault);
    if (kind === null) {
      const names = Object.keys(FAULT_NAMES);
      const hint = didYouMean(order.fault, names) || `; known are ${names.join(', ')}`;
      return { field: 'fault', message: `There is no fault "${order.fault.slice(0, 100)}"${hint}.` };
    }
    if (!(order.share > 0 && order.share <= 1))
      return { field: 'share', message: 'The share is a number above 0, at most 1.' };
    if (!(order.seconds > 0 && order.seconds <= DRILL_SECONDS_MAX))
      return {
        field: 'seconds',
        message: `A drill lasts more than 0 and at most ${DRILL_SECONDS_MAX} seconds.`,
      };
    const wire = wireOf(provider.protocolId);
    if (wire === null)
      return { field: 'provider', message: `No faults can be made on the wire ${provider.protocolId}.` };
    if (this.#active().length >= DRILLS_MAX)
      return { field: null, message: `${DRILLS_MAX} drills are on already; stop one first.` };
    return { kind, provider, wire };
  }

  #active(): readonly Running[] {
    return [...this.#drills.values()].filter(({ endedAtMs }) => endedAtMs === null);
  }

  // The first drill that hits the call; each of them counts it.
  #met(request: WireRequest): Running | null {
    let met: Running | null = null;
    for (const running of this.#drills.values()) {
      if (running.endedAtMs !== null || !isFor(request, running.provider)) continue;
      const { share } = running.order;
      const broken = met === null && (share >= 1 || this.#ports.random.next() < share);
      running.tally.called(broken);
      if (broken) met = running;
    }
    return met;
  }

  #hear(event: GatewayEvent): void {
    if (event.type === 'request-finished') this.#finished(event);
    if (event.type !== 'circuit-changed') return;
    for (const { tally } of this.#active()) tally.circuit(event);
  }

  #finished(event: RequestFinished): void {
    const hits = this.#hits.take(event.requestId);
    for (const running of this.#drills.values()) {
      const { tally } = running;
      if (hits.some(({ drillId }) => drillId === running.id)) tally.met(event, this.#hadSpare(event));
      else if (running.endedAtMs === null) tally.passed(event);
    }
    this.#rest();
  }

  // A target at a provider that nobody makes fail at present, nor did during this request.
  #hadSpare({ model, startedAtMs }: RequestFinished): boolean {
    const drilled = [...this.#drills.values()]
      .filter(({ endedAtMs }) => endedAtMs === null || endedAtMs >= startedAtMs)
      .map(({ provider }) => provider.name);
    return model !== null && this.#ports.providersOf(model).some((name) => !drilled.includes(name));
  }

  #end(running: Running, ending: DrillEnding): void {
    if (running.endedAtMs !== null) return;
    const { clock, log, transport } = this.#ports;
    running.timer.cancel();
    running.endedAtMs = clock.nowMs();
    running.ending = ending;
    if (this.#active().length === 0) transport.breakWith(null);
    const { provider, fault, report } = this.#view(running);
    log.warn(`DRILL over (${ending}): ${provider} gets no faults any more. ${report.verdict}`, {
      drill: running.id,
      provider,
      fault,
      requests: report.requests,
      met: report.met,
      lost: report.lost,
    });
    const { met, lost } = report;
    const { endedAtMs, id } = running;
    this.#ports.publish({
      type: 'drill-ended',
      atMs: endedAtMs,
      drillId: id,
      provider,
      fault,
      ending,
      met,
      lost,
    });
    this.#rest();
  }

  // Nobody listens while no drill is on and no request is under way that met one.
  #rest(): void {
    if (this.#unsubscribe === null || this.#hits.size > 0 || this.#active().length > 0) return;
    this.#unsubscribe();
    this.#unsubscribe = null;
  }

  #forgetOldest(): void {
    for (const { id, endedAtMs } of this.#drills.values()) {
      if (this.#drills.size <= KEPT_MAX) return;
      if (endedAtMs !== null) this.#drills.delete(id);
    }
  }

  #view({ id, order, startedAtMs, untilMs, endedAtMs, ending, tally }: Running): Drill {
    const { provider, fault, share, startedBy } = order;
    const report = tally.report(this.#hits.underWay(id));
    return { id, provider, fault, share, startedBy, startedAtMs, untilMs, endedAtMs, ending, report };
  }
}

// Calls that do not say whose they are are known by their address.
function isFor({ provider, url }: WireRequest, { name, baseUrl }: DrillableProvider): boolean {
  return provider === undefined ? url.startsWith(baseUrl) : provider === name;
}

function shareText(share: number): string {
  return share >= 1 ? 'all' : `${Number((share * 100).toFixed(2))} % of the`;
}
