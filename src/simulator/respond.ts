import { bytesToText, textToBytes } from '../base/bytes.ts';
import { asString, field, isObject, parseJson, type Json, type JsonObject } from '../base/json.ts';
import { header } from '../spec/wire.ts';
import { authorise } from './authorise.ts';
import { countTokensAnswer } from './count-tokens.ts';
import { idFrom } from './answer/dice.ts';
import type { PromptCache } from './answer/usage.ts';
import { embedAnswer } from './embed.ts';
import { replacement, type FaultFacts } from './faults/before.ts';
import type { FaultKind } from './faults/fault.ts';
import { magicModel } from './faults/names.ts';
import { statusRefusal } from './faults/status-errors.ts';
import { generate } from './generate.ts';
import { modelList } from './model-list.ts';
import { isKnownModel, traitsOf } from './models.ts';
import { refuse, REQUEST_ID_HEADERS, type Refusal } from './refusal.ts';
import type { Reply } from './reply.ts';
import { operationAt, type Operation } from './route.ts';
import { firstRefusal, type Ruled } from './rules/rule.ts';
import type { Script, SimulatedRequest } from './script.ts';
import type { Sign } from './seal.ts';
import type { ProviderSettings, WireName } from './settings.ts';
import { WIRES } from './wires.ts';

/** The world in which one simulated provider answers one request. */
export interface Surroundings {
  readonly provider: string;
  readonly settings: ProviderSettings;
  /** The fault that the provider has at this moment; a magic model name goes before it. */
  readonly fault: FaultKind | null;
  readonly cache: PromptCache;
  readonly sign: Sign;
  /** Seed of the simulator, and of this request alone. */
  readonly seed: string;
  readonly requestSeed: string;
  readonly nowMs: number;
}

/**
 * What a simulated provider does with one request: the fault it has, else a refusal of what its real model would refuse,
 * else an answer. Outages come first, then the key, the body, the model, the rules.
 */
export function respond(request: SimulatedRequest, around: Surroundings): Script {
  const { settings } = around;
  const operation = operationAt(request.method, request.path, settings.wire);
  const body = bodyOf(request);
  const magic = magicModel(modelNamed(operation, body));
  const wire = operation?.wire ?? settings.wire;
  const facts = { wire, model: magic.model, nowMs: around.nowMs, requestSeed: around.requestSeed };
  const fault = magic.fault ?? around.fault;
  const replaced = fault === null ? null : replacement(fault, facts);
  if (replaced !== null) return replaced;
  const denied = authorise(wire, request, settings) ?? versionMissing(wire, request);
  if (denied !== null) return refuse(wire, denied, around.requestSeed);
  if (operation === null) return refuse(wire, NOT_FOUND[wire](request), around.requestSeed);
  if (body === null && operation.type !== 'models') return refuse(wire, NOT_JSON[wire], around.requestSeed);
  return perform({ operation, body: body ?? {}, facts, fault }, around);
}

// Anthropic refuses requests that do not say which version of the API they mean.
function versionMissing(wire: WireName, request: SimulatedRequest): Refusal | null {
  if (wire !== 'messages' || header(request.headers, 'anthropic-version') !== undefined) return null;
  return { status: 400, message: 'anthropic-version: header is required' };
}

// Null where it is no JSON object; an empty body is none either.
function bodyOf(request: SimulatedRequest): JsonObject | null {
  const parsed = parseJson(bytesToText(request.body));
  return parsed.type === 'ok' && isObject(parsed.value) ? parsed.value : null;
}

interface Sound {
  readonly operation: Operation;
  readonly body: JsonObject;
  readonly facts: FaultFacts;
  readonly fault: FaultKind | null;
}

function perform({ operation, body, facts, fault }: Sound, around: Surroundings): Script {
  const { settings, requestSeed } = around;
  const { wire, model } = facts;
  if (operation.type === 'models') return json(wire, modelList(wire, settings.models), around);
  const missing = modelRefusal(facts, settings);
  if (missing !== null) return refuse(wire, missing, requestSeed);
  const ruled: Ruled = { body, model, traits: traitsOf(model), sign: around.sign };
  switch (operation.type) {
    case 'embed':
      return reply(wire, embedAnswer(body, model), around);
    case 'count':
      return reply(wire, countTokensAnswer(WIRES[wire], ruled, operation.path), around);
    case 'generate': {
      const refusal = firstRefusal(WIRES[wire].rules, ruled);
      if (refusal !== null) return refuse(wire, refusal, requestSeed);
      return generate(ruled, {
        ...around,
        wire: WIRES[wire],
        path: operation.path,
        fault,
        facts,
        pace: settings.pace,
      });
    }
  }
}

function modelNamed(operation: Operation | null, body: JsonObject | null): string {
  const inPath = operation !== null && 'path' in operation ? operation.path.model : undefined;
  return inPath ?? asString(field(body ?? {}, 'model')) ?? '';
}

function modelRefusal(facts: FaultFacts, settings: ProviderSettings): Refusal | null {
  const { wire, model } = facts;
  if (model === '') return NO_MODEL[wire];
  if (RETIRED.test(model) && wire === 'chat') {
    const message = `The model \`${model}\` has been deprecated, learn more here: https://platform.openai.com/docs/deprecations`;
    return { status: 404, message, code: 'model_not_found' };
  }
  return isKnownModel(wire, model, settings.models)
    ? null
    : statusRefusal(wire, 'no-model', undefined, facts);
}

const RETIRED = /^gpt-(?:3\.5-turbo-(?:0301|0613)|4-0314|4-32k.*)$/;

const NO_MODEL: { readonly [wire in WireName]: Refusal } = {
  chat: { status: 400, message: 'you must provide a model parameter' },
  messages: { status: 400, message: 'model: Field required' },
  'generate-content': { status: 400, message: 'model is not specified' },
};

const NOT_JSON: { readonly [wire in WireName]: Refusal } = {
  chat: {
    status: 400,
    message:
      "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)",
  },
  messages: { status: 400, message: 'The request body is not valid JSON' },
  'generate-content': { status: 400, message: 'Invalid JSON payload received. Unexpected token.' },
};

const NOT_FOUND: { readonly [wire in WireName]: (request: SimulatedRequest) => Refusal } = {
  chat: (request) => ({ status: 404, message: `Invalid URL (${request.method} ${request.path})` }),
  messages: () => ({ status: 404, message: 'Not found' }),
  'generate-content': () => ({ status: 404, message: 'Requested entity was not found.' }),
};

function reply(wire: WireName, outcome: Reply, around: Surroundings): Script {
  return outcome.type === 'json'
    ? json(wire, outcome.body, around)
    : refuse(wire, outcome.refusal, around.requestSeed);
}

function json(wire: WireName, body: Json, around: Surroundings): Script {
  return {
    type: 'answer',
    headDelayMs: 0,
    status: 200,
    headers: [
      ['content-type', 'application/json; charset=utf-8'],
      [REQUEST_ID_HEADERS[wire], `req_${idFrom(around.requestSeed, 24)}`],
      ['x-simulated-provider', around.provider],
    ],
    pieces: [{ delayMs: 0, bytes: textToBytes(JSON.stringify(body)) }],
    ending: 'whole',
  };
}
