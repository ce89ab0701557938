import { createHash, type Hash } from 'node:crypto';
import { textToBytes } from '../../../src/base/bytes.ts';
import type { Json } from '../../../src/base/json.ts';
import { composeGateway, type ComposedGateway } from '../../../src/compose/compose-gateway.ts';
import { loadConfig } from '../../../src/compose/load-config.ts';
import { ConfigError } from '../../../src/config/config-error.ts';
import type { Config } from '../../../src/config/config.ts';
import { CHAT_COMPLETIONS, MESSAGES } from '../../../src/server/inference/surfaces.ts';
import type { Attempt } from '../../../src/spec/attempt.ts';
import type { GatewayEvent } from '../../../src/spec/event.ts';
import type { Transport } from '../../../src/spec/ports.ts';
import type { Identification } from '../../../src/store/store.ts';
import { virtualRuntime, type VirtualRuntime } from '../../../src/testing.ts';
import { settled } from '../../../src/testing/virtual-clock.ts';
import { QuickNetwork, type QuickCall } from '../quick/network.ts';
import { marker } from '../quick/texts.ts';
import { SimClient } from './client.ts';
import { configurationOf, secretsOf, versionsOf, type Version } from './configuration.ts';
import type { Check, History, Invariant, Violation } from './history.ts';
import type { HistoryScript, ScriptAct, ScriptRequest } from './script.ts';

/** What a history came to. */
export interface Outcome {
  readonly violations: readonly Violation[];
  /** Violations of invariants that are pending. */
  readonly pending: readonly Violation[];
  readonly lifetimes: number;
  readonly virtualMs: number;
  /** Requests that were answered although an attempt had failed. */
  readonly recovered: number;
  /** Equal for equal histories. */
  readonly trace: string;
  /** What happened, line by line; empty unless asked for. */
  readonly story: readonly string[];
}

export interface RunOptions {
  readonly invariants: readonly Invariant[];
  /** Whether to tell the story; costs time. Default false. */
  readonly story?: boolean;
}

/** Longest that a history may go on after its last act. */
const PATIENCE_MS = 400_000;

/** Lives through a script on the real gateway and virtual time, and checks the invariants after every step. */
export async function runHistory(script: HistoryScript, options: RunOptions): Promise<Outcome> {
  const life = new Life(script, options);
  await life.begin();
  await life.live();
  return life.outcome();
}

interface Due {
  readonly atMs: number;
  readonly act: () => void | Promise<void>;
}

class Life implements History {
  readonly script: HistoryScript;
  readonly virtual: VirtualRuntime;
  readonly versions: readonly Version[];
  readonly clients: SimClient[] = [];
  readonly calls: QuickCall[] = [];
  readonly events: GatewayEvent[] = [];
  version: Version;
  readonly #startMs: number;
  readonly #byRequest = new Map<number, SimClient>();
  readonly #violations: Violation[] = [];
  readonly #pending: Violation[] = [];
  readonly #pendingIds: ReadonlySet<string>;
  readonly #hooks: Hooks;
  readonly #hash: Hash = createHash('sha256');
  readonly #story: string[] | null;
  readonly #bad = new Set<number>();
  #composed: ComposedGateway | null = null;
  #open = 0;
  #recovered = 0;

  constructor(script: HistoryScript, { invariants, story = false }: RunOptions) {
    this.script = script;
    this.versions = versionsOf(script);
    this.version = this.versions[0]!;
    this.#story = story ? [] : null;
    this.#pendingIds = new Set(invariants.filter(({ pending }) => pending !== null).map(({ id }) => id));
    let network: QuickNetwork | null = null;
    const transport: Transport = {
      send: (request, handler) => network!.send(request, handler),
      close: async () => {},
    };
    this.virtual = virtualRuntime({ seed: script.seed, secrets: secretsOf(script), transport });
    this.#startMs = this.virtual.clock.monotonicMs();
    for (const { id, bad } of script.requests) if (bad) this.#bad.add(id);
    network = new QuickNetwork({
      script,
      clock: this.virtual.clock,
      watcher: this,
      elapsedMs: () => this.elapsedMs(),
      isBad: (request) => this.#bad.has(request),
    });
    this.#hooks = hooksOf(invariants.map((invariant) => invariant.check(this)));
  }

  get gateway(): ComposedGateway['gateway'] {
    return this.#composed!.gateway;
  }

  elapsedMs(): number {
    return this.virtual.clock.monotonicMs() - this.#startMs;
  }

  clientOf(request: number): SimClient | null {
    return this.#byRequest.get(request) ?? null;
  }

  violate(id: string, what: string): void {
    const list = this.#pendingIds.has(id) ? this.#pending : this.#violations;
    if (list.length < 50) list.push({ id, atMs: this.elapsedMs(), what });
    this.#tell(`VIOLATED ${id}: ${what}`);
  }

  called(call: QuickCall): void {
    this.calls.push(call);
    this.#byRequest.get(call.read.request)?.calls.push(call);
    this.#tell(
      `call ${call.number} to ${call.target} key ${call.keyIndex} for request ${call.read.request}, ${call.read.mode}` +
        `${call.fault === null ? '' : `, meets ${JSON.stringify(call.fault)}`}`,
    );
    for (const check of this.#hooks.call) check.onCall(call);
  }

  ended(call: QuickCall): void {
    this.#tell(`call ${call.number} ended: ${call.ending}`);
    for (const check of this.#hooks.callEnd) check.onCallEnd(call);
  }

  wrote(client: SimClient): void {
    for (const check of this.#hooks.write) check.onWrite(client);
  }

  async begin(): Promise<void> {
    const { runtime } = this.virtual;
    this.#composed = await composeGateway({
      config: this.#load(configurationOf(this.script, this.version)),
      runtime,
      keys: { identify },
    });
    this.#composed.bus.subscribe('simulation', (event) => this.#heard(event));
  }

  async live(): Promise<void> {
    const due = this.#agenda();
    for (const { atMs, act } of due) {
      await this.#runTo(atMs);
      await act();
      this.#step();
    }
    await this.#settle(PATIENCE_MS);
    await this.#calm();
    for (const check of this.#hooks.end) check.atEnd();
  }

  outcome(): Outcome {
    for (const { request, status, ending, reader } of this.clients)
      this.#hash.update(`${request.id} ${status} ${ending} ${reader.events} ${reader.text}`);
    return {
      violations: this.#violations,
      pending: this.#pending,
      lifetimes: this.clients.length,
      virtualMs: this.elapsedMs(),
      recovered: this.#recovered,
      trace: this.#hash.digest('hex'),
      story: this.#story ?? [],
    };
  }

  #load(config: Json): Config {
    return loadConfig({ type: 'value', value: config }, this.virtual.runtime.secrets).config;
  }

  // Everything that comes from outside, in the order of time.
  #agenda(): readonly Due[] {
    const due: Due[] = [];
    for (const request of this.script.requests) {
      due.push({ atMs: request.atMs, act: () => this.#send(request) });
      const { leaveAfterMs, block, atMs, id } = request;
      if (leaveAfterMs !== null) due.push({ atMs: atMs + leaveAfterMs, act: () => this.#leave(id) });
      if (block === null) continue;
      due.push({ atMs: atMs + block.afterMs, act: () => this.clientOf(id)?.block() });
      due.push({ atMs: atMs + block.afterMs + block.forMs, act: () => this.clientOf(id)?.drain() });
    }
    for (const act of this.script.acts) due.push({ atMs: act.atMs, act: () => this.#act(act) });
    return due.toSorted((a, b) => a.atMs - b.atMs);
  }

  async #calm(): Promise<void> {
    const { calm, faults, failover, models } = this.script;
    const last = models[0];
    if (calm === null || last === undefined) return;
    const overMs = Math.max(this.elapsedMs(), ...faults.map(({ untilMs }) => untilMs));
    await this.#runTo(overMs + failover.openMaxMs * 1.3 + 35_000);
    for (let index = 0; index < calm.requests; index += 1) {
      this.#send(calmRequest(CALM_ID + index, this.elapsedMs()));
      await this.#runTo(this.elapsedMs() + Math.max(calm.everyMs, failover.rampMs / 4));
    }
    await this.#settle(PATIENCE_MS);
  }

  async #runTo(atMs: number): Promise<void> {
    const { clock } = this.virtual;
    await settled();
    for (;;) {
      const next = clock.nextMs;
      if (next === null || next - this.#startMs > atMs) break;
      await clock.step();
      this.#step();
    }
    await clock.advance(Math.max(0, atMs - this.elapsedMs()));
  }

  // Until every request is done, or far longer than any may take.
  async #settle(patienceMs: number): Promise<void> {
    const untilMs = this.elapsedMs() + patienceMs;
    await settled();
    while (this.#open > 0 && this.elapsedMs() < untilMs) {
      if (!(await this.virtual.clock.step())) break;
      this.#step();
    }
    await this.virtual.clock.advance(0);
  }

  #step(): void {
    for (const check of this.#hooks.step) check.afterStep();
  }

  #send(request: ScriptRequest): void {
    const client = new SimClient(request, this.version, { watcher: this, elapsedMs: () => this.elapsedMs() });
    this.clients.push(client);
    this.#byRequest.set(request.id, client);
    this.#open += 1;
    this.#tell(`request ${request.id}: ${JSON.stringify(request)}`);
    for (const check of this.#hooks.request) check.onRequest(client);
    const headers = headersOf(request);
    void this.gateway
      .serve({
        surface: request.surface === 'chat' ? CHAT_COMPLETIONS : MESSAGES,
        path: {},
        body: textToBytes(JSON.stringify(bodyOf(request))),
        client: { header: (name) => headers[name] },
        sink: client,
      })
      .then(() => {
        client.done = true;
        this.#open -= 1;
        this.#tell(`request ${request.id} is done: ${client.status} ${client.ending}`);
        if (client.finished?.error === null && client.finished.attempts.length > 1) this.#recovered += 1;
        for (const check of this.#hooks.done) check.onDone(client);
      });
  }

  #leave(id: number): void {
    const client = this.clientOf(id);
    if (client === null || client.closed || client.ending !== 'open') return;
    this.#tell(`client ${id} leaves`);
    client.leave();
    for (const check of this.#hooks.leave) check.onLeave(client);
  }

  async #act(act: ScriptAct): Promise<void> {
    this.#tell(`act ${JSON.stringify(act)}`);
    switch (act.type) {
      case 'wall':
        this.virtual.clock.stepWall(act.byMs);
        return;
      case 'reload': {
        const next = this.versions[this.version.number + 1];
        if (next === undefined) throw new Error('a reload without a version');
        await this.#composed!.reload(this.#load(configurationOf(this.script, next)));
        this.version = next;
        return;
      }
      case 'bad-reload': {
        const before = this.gateway.snapshot;
        try {
          await this.#composed!.reload(this.#load({ models: { m: { targets: ['nobody/x'] } } }));
          this.violate('F2', 'a configuration that is wrong was taken');
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error;
        }
        if (this.gateway.snapshot !== before) this.violate('F2', 'the old configuration did not stay');
      }
    }
  }

  #heard(event: GatewayEvent): void {
    this.events.push(event);
    this.#hash.update(JSON.stringify(event, plainBigint));
    if (event.type === 'request-finished') this.#finished(event);
    if (event.type === 'circuit-changed')
      this.#tell(
        `circuit ${event.target} key ${event.keyIndex}: ${event.from} to ${event.to}, ${event.reason}`,
      );
    if (event.type === 'attempt-finished') this.#tell(attemptInWords(event.attempt));
    for (const check of this.#hooks.event) check.onEvent(event);
  }

  #finished(event: Extract<GatewayEvent, { type: 'request-finished' }>): void {
    const tag = event.tags.find((each) => each.startsWith('r-'));
    const client = tag === undefined ? this.clients.at(-1) : this.clientOf(Number(tag.slice(2)));
    if (client === undefined || client === null) return;
    client.finals += 1;
    client.finished ??= event;
  }

  #tell(line: string): void {
    this.#story?.push(`${this.elapsedMs().toFixed(0).padStart(7)} ms  ${line}`);
  }
}

/** Requests of the calm end have numbers from here on. */
export const CALM_ID = 100_000;

type Hook<Name extends keyof Check> = Check & Required<Pick<Check, Name>>;

interface Hooks {
  readonly request: readonly Hook<'onRequest'>[];
  readonly call: readonly Hook<'onCall'>[];
  readonly callEnd: readonly Hook<'onCallEnd'>[];
  readonly event: readonly Hook<'onEvent'>[];
  readonly write: readonly Hook<'onWrite'>[];
  readonly done: readonly Hook<'onDone'>[];
  readonly leave: readonly Hook<'onLeave'>[];
  readonly step: readonly Hook<'afterStep'>[];
  readonly end: readonly Hook<'atEnd'>[];
}

function hooksOf(checks: readonly Check[]): Hooks {
  const having = <Name extends keyof Check>(name: Name): readonly Hook<Name>[] =>
    checks.filter((check): check is Hook<Name> => check[name] !== undefined);
  return {
    request: having('onRequest'),
    call: having('onCall'),
    callEnd: having('onCallEnd'),
    event: having('onEvent'),
    write: having('onWrite'),
    done: having('onDone'),
    leave: having('onLeave'),
    step: having('afterStep'),
    end: having('atEnd'),
  };
}

const CALLER = {
  keyId: 'key_all',
  name: 'simulation',
  role: 'inference',
  models: null,
  directTargets: true,
  tags: [],
} as const;

function identify(presented: string | undefined): Identification {
  const limited = { ...CALLER, keyId: 'key_limited', models: ['m'], directTargets: false };
  return { type: 'caller', caller: presented === 'limited' ? limited : CALLER };
}

function headersOf(request: ScriptRequest): { readonly [name: string]: string } {
  return {
    authorization: `Bearer ${request.limited ? 'limited' : 'all'}`,
    'x-bellwether-tags': `r-${request.id}`,
    ...(request.fallbackOff ? { 'x-bellwether-fallback': 'off' } : {}),
    ...(request.resume === null ? {} : { 'x-bellwether-resume': request.resume }),
    ...(request.timeoutMs === null ? {} : { 'x-bellwether-timeout-ms': String(request.timeoutMs) }),
  };
}

const SCHEMA = { type: 'object', properties: { city: { type: 'string' } } };

function bodyOf({ id, surface, model, stream, prompt }: ScriptRequest): Json {
  const messages = [{ role: 'user', content: `Please answer. ${marker(id, prompt)}` }];
  const common = { model, stream, messages, max_tokens: 1_000 };
  if (prompt % 4 < 2) return common;
  const name = 'get_weather';
  return surface === 'chat'
    ? { ...common, tools: [{ type: 'function', function: { name, parameters: SCHEMA } }] }
    : { ...common, tools: [{ name, input_schema: SCHEMA }] };
}

function calmRequest(id: number, atMs: number): ScriptRequest {
  return {
    id,
    atMs,
    surface: 'chat',
    model: 'm',
    stream: true,
    prompt: 1,
    limited: false,
    fallbackOff: false,
    resume: null,
    bad: false,
    timeoutMs: null,
    leaveAfterMs: null,
    block: null,
  };
}

function attemptInWords({ number, target, keyIndex, purpose, resume, outcome, usage }: Attempt): string {
  const came =
    outcome.type === 'answered'
      ? 'answered'
      : `${outcome.kind}${outcome.committed ? ' after content' : ''}: ${outcome.message}`;
  const used = usage === null ? '' : `, ${usage.source} ${usage.input} and ${usage.output} tokens`;
  return `attempt ${number} at ${target} key ${keyIndex}, ${purpose}${resume === null ? '' : ` by ${resume}`}: ${came}${used}`;
}

function plainBigint(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
