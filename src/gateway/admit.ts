import { asBoolean, asString, isArray } from '../base/json.ts';
import { scalarField, scanTopLevel, type TopLevel } from '../base/json-scan.ts';
import { plan as planFor, type Plan } from '../routing/plan.ts';
import { concernsOf } from '../routing/eligible.ts';
import { undemandingFacts, type RequestFacts } from '../routing/facts.ts';
import { targetsOf, type Route } from '../routing/route.ts';
import { GatewayError, invalid } from '../spec/error.ts';
import { RESUME_POLICIES, type ModelFailover } from '../config/config.ts';
import { PRIORITIES, type Priority } from '../spec/health.ts';
import type { Caller } from '../spec/identity.ts';
import type { HeaderSource } from './call.ts';
import type { KeyDirectoryView } from '../store/store.ts';
import { exactFacts, sketchFacts } from './facts.ts';
import type { Admitted, RequestRun } from './request-run.ts';
import { routeFor, type NamedRoute, type Snapshot } from './snapshot.ts';

/** Most names in a caller's own fallback list. */
const MODELS_MAX = 16;
const TIMEOUT_MAX_MS = 3_600_000;
const SPARES_AFTER_MS = 60_000;

/** Lets a request in: who asks, what for, may they, and where it could go. Throws the error that refuses it. */
export function admit(run: RequestRun): Admitted {
  const { call, snapshot } = run;
  const caller = call.caller ?? callerOf(run.ports.keys, call.client);
  run.caller = caller;
  const top = scan(run);
  const model = call.path.model ?? modelField(top);
  run.model = model;
  const stream = call.surface.operation === 'generate' && (call.path.stream ?? streamField(top));
  run.stream = stream;
  const named = namedRoute(top, model, caller, snapshot);
  const plan = planRequest(run, top, named);
  return {
    caller,
    top,
    model,
    stream,
    named,
    plan: wantsFallback(call.client) ? plan : withoutFallback(plan),
    priority: priorityOf(call.client),
    strict: call.client.header('x-bellwether-strict') === 'true',
    tags: tagsOf(call.client.header('x-bellwether-tags')),
  };
}

/** The caller behind the key that a client presents, or the error that says what is wrong with it. */
export function callerOf(keys: KeyDirectoryView, client: HeaderSource): Caller {
  const found = keys.identify(presentedKey(client));
  if (found.type === 'caller') return found.caller;
  throw new GatewayError('unauthenticated', found.message, { code: 'invalid_api_key' });
}

/** The key that a client presents, in any of the headers that the field's clients use. */
export function presentedKey(client: HeaderSource): string | undefined {
  const authorization = client.header('authorization');
  if (authorization !== undefined && /^bearer /i.test(authorization)) return authorization.slice(7).trim();
  return client.header('x-api-key') ?? client.header('x-goog-api-key') ?? client.header('api-key');
}

function scan({ call }: RequestRun): TopLevel {
  const type = call.client.header('content-type');
  if (type !== undefined && !/^(application\/(.+\+)?json|text\/plain|\*\/\*)\s*(;|$)/i.test(type)) {
    throw new GatewayError(
      'unsupported_media_type',
      `The body must be application/json, not ${type.slice(0, 100)}.`,
    );
  }
  const scanned = scanTopLevel(call.body);
  if (scanned.type === 'bad')
    throw invalid('', `The body is not a JSON object that can be read: ${scanned.reason}.`);
  return scanned.top;
}

function modelField(top: TopLevel): string {
  const model = scalarField(top, 'model');
  if (typeof model === 'string' && model !== '') return model;
  if (model === undefined)
    throw invalid(
      'model',
      'The field "model" is missing: name a model, a route such as "auto", or provider/model.',
    );
  throw invalid('model', 'The field "model" must be a text that is not empty.');
}

function streamField(top: TopLevel): boolean {
  const stream = scalarField(top, 'stream');
  if (stream === undefined || stream === null) return false;
  const value = asBoolean(stream);
  if (value === undefined) throw invalid('stream', 'The field "stream" must be true or false.');
  return value;
}

// The named model first, then the caller's own list.
function namedRoute(top: TopLevel, model: string, caller: Caller, snapshot: Snapshot): NamedRoute {
  const first = allowed(routeFor(snapshot, model), caller);
  const others = scalarField(top, 'models');
  if (others === undefined || others === null) return first;
  if (!isArray(others) || others.length > MODELS_MAX) {
    throw invalid(
      'models',
      `The field "models" must be a list of at most ${MODELS_MAX} model names, tried in order.`,
    );
  }
  const routes = others.map((entry, index) => {
    const name = asString(entry);
    if (name === undefined)
      throw invalid(`models[${index}]`, 'Each of "models" must be the name of a model.');
    return allowed(routeFor(snapshot, name), caller);
  });
  const route: Route = { type: 'ordered', routes: [first.route, ...routes.map((each) => each.route)] };
  return { ...first, route, concerns: concernsOf(targetsOf(route)) };
}

function allowed(named: NamedRoute, caller: Caller): NamedRoute {
  if (named.kind === 'direct' && !caller.directTargets) {
    throw new GatewayError(
      'forbidden',
      `This key may not address "${named.name}" directly; ask for a public model.`,
      { field: 'model' },
    );
  }
  const { models } = caller;
  if (models !== null && !models.includes(named.name) && !models.includes(named.configuredName)) {
    throw new GatewayError('forbidden', `This key may not use the model "${named.name}".`, {
      field: 'model',
    });
  }
  return named;
}

function planRequest(run: RequestRun, top: TopLevel, named: NamedRoute): Plan {
  const { random } = run.ports.runtime;
  const failover = failoverOf(run, named);
  // In its first minute an instance knows nothing of its first choices yet; spare ones can wait.
  const spares = mayGoElsewhere(run) && run.startedAtMs - run.snapshot.builtAtMs > SPARES_AFTER_MS;
  const build = (facts: RequestFacts): Plan =>
    planFor({
      route: named.route,
      facts,
      random: () => random.next(),
      deadlineAtMs: run.startedAtMs + timeoutOf(run, named),
      failover,
      spares,
    });
  const protocol = run.call.surface.protocol.id;
  if (run.call.surface.operation === 'embed') return build(undemandingFacts(protocol));
  const sketched = build(sketchFacts(top, protocol, named.concerns));
  // A sketch may see media where a text only speaks of it: nothing is passed over on its word alone.
  const plan =
    sketched.skipped.length === 0 ? sketched : build(exactFacts(run.decoded(), run.call.body, protocol));
  if (plan.candidates.length > 0) return plan;
  const reasons = plan.skipped.map(({ target, reason }) => `${target.address}: ${reason}`).join('; ');
  throw new GatewayError('unsupported', `No target of "${named.name}" can serve this request. ${reasons}.`);
}

// A request may say for itself what shall happen when a provider dies in the middle of its answer.
function failoverOf({ call }: RequestRun, { failover }: NamedRoute): ModelFailover {
  const asked = call.client.header('x-bellwether-resume');
  if (asked === undefined) return failover;
  const resume = RESUME_POLICIES.find((policy) => policy === asked);
  if (resume === undefined)
    throw invalid(
      'x-bellwether-resume',
      `The header "x-bellwether-resume" must be one of ${RESUME_POLICIES.join(', ')}.`,
    );
  return { ...failover, resume };
}

function priorityOf(client: HeaderSource): Priority {
  const asked = client.header('x-bellwether-priority');
  if (asked === undefined) return 'normal';
  const priority = PRIORITIES.find((each) => each === asked);
  if (priority === undefined)
    throw invalid(
      'x-bellwether-priority',
      `The header "x-bellwether-priority" must be one of ${PRIORITIES.join(', ')}.`,
    );
  return priority;
}

function timeoutOf({ call }: RequestRun, named: NamedRoute): number {
  const text = call.client.header('x-bellwether-timeout-ms');
  if (text === undefined) return named.totalMs;
  const ms = Number(text);
  if (!Number.isInteger(ms) || ms < 1 || ms > TIMEOUT_MAX_MS) {
    throw invalid(
      'x-bellwether-timeout-ms',
      `The header x-bellwether-timeout-ms must be a whole number from 1 to ${TIMEOUT_MAX_MS}.`,
    );
  }
  return ms;
}

// Whoever wants no fallback wants the first choice; and vectors of two models have nothing to do with each other.
function mayGoElsewhere({ call }: RequestRun): boolean {
  return wantsFallback(call.client) && call.surface.operation !== 'embed';
}

function wantsFallback(client: HeaderSource): boolean {
  return client.header('x-bellwether-fallback') !== 'off';
}

function withoutFallback(plan: Plan): Plan {
  return { ...plan, candidates: plan.candidates.slice(0, 1), reason: `${plan.reason}, no fallback wanted` };
}

function tagsOf(header: string | undefined): readonly string[] {
  if (header === undefined) return [];
  const tags = header
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  if (tags.length > 16 || tags.some((tag) => !/^[\w.:=@-]{1,64}$/.test(tag))) {
    throw invalid(
      'x-bellwether-tags',
      'The header x-bellwether-tags takes up to 16 tags of up to 64 letters, digits and . : = @ _ -, parted by commas.',
    );
  }
  return tags;
}
