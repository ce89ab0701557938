import { asArray, asString, compact, isObject, type Json, type JsonObject } from '../../base/json.ts';
import { invalid, type GatewayError } from '../../spec/error.ts';
import type { GenerateRequest, GenerateResult } from '../../spec/generate.ts';
import type { WireEvent } from '../../spec/wire.ts';
import type { AnswerContext, Downstream, RequestPath } from '../protocol.ts';
import { encodeModelPart } from './answer-parts.ts';
import { citationFields } from './candidate.ts';
import { CLIENT_WRITING } from './client-writing.ts';
import { decodeContents, decodeSystem } from './contents-decode.ts';
import { encodeError, envelopeOf } from './error.ts';
import { finishWord } from './finish.ts';
import { GEMINI } from './id.ts';
import { decodeSettings } from './settings-decode.ts';
import { StreamEncoder } from './stream-encode.ts';
import { DECLARATION_EXTRAS, decodeToolChoice, decodeTools } from './tools.ts';
import { encodeUsage } from './usage.ts';
import { camelKeys, camelObject, leftover, merged } from './wire.ts';

/** The side on which a Gemini client calls us. */
export const downstream: Downstream = {
  decodeRequest,
  encodeResult,
  encodeStream: (context) => new StreamEncoder(context),
  encodeError,
  encodeStreamError: (error: GatewayError, requestId: string) => [
    { name: '', data: JSON.stringify(envelopeOf(error, requestId)) },
  ],
  // Google ends its lines with CR LF (all recorded streams).
  frame: (events: readonly WireEvent[]) => events.map((event) => `data: ${event.data}\r\n\r\n`).join(''),
};

function decodeRequest(json: Json, path: RequestPath): GenerateRequest {
  if (!isObject(json)) throw invalid('', 'The body must be a JSON object.');
  const body = camelKeys(json);
  const model = path.model ?? asString(body['model'])?.replace(/^models\//, '');
  if (model === undefined || model === '') throw invalid('model', 'The model is missing in the path.');
  const system = decodeSystem(body['systemInstruction']);
  const messages = decodeContents(body['contents']);
  const { tools, declarationExtras } = decodeTools(body['tools']);
  const config = camelObject(camelObject(body['toolConfig'])['functionCallingConfig']);
  const toolChoice = decodeToolChoice(config);
  const { settings, extras } = decodeSettings(body['generationConfig']);
  const tier = asString(body['serviceTier']);
  const fields = compact({
    ...leftover(body, REQUEST_FIELDS),
    generationConfig: extras,
    toolConfig: toolConfigExtras(camelObject(body['toolConfig']), config, toolChoice !== undefined),
    [DECLARATION_EXTRAS]: declarationExtras,
  });
  return {
    model,
    stream: path.stream ?? false,
    messages: system === null ? messages : [system, ...messages],
    tools,
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...settings,
    ...(tier === undefined ? {} : { serviceTier: tier }),
    ...(Object.keys(fields).length === 0 ? {} : { extras: { origin: GEMINI, fields } }),
  };
}

const REQUEST_FIELDS = [
  'model',
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'generationConfig',
  'serviceTier',
];

// A list of several names stays beside the choice that it narrows; a choice without a word stays whole.
function toolConfigExtras(
  toolConfig: JsonObject,
  config: JsonObject,
  understood: boolean,
): JsonObject | undefined {
  const several = asArray(config['allowedFunctionNames']).length > 1;
  const known = understood ? ['mode', ...(several ? [] : ['allowedFunctionNames'])] : [];
  const functionCallingConfig = leftover(config, known);
  return leftover(compact({ ...toolConfig, functionCallingConfig }), []);
}

function encodeResult(result: GenerateResult, context: AnswerContext): Json {
  const parts: JsonObject[] = [];
  for (const part of result.parts) {
    const encoded = encodeModelPart(part, CLIENT_WRITING);
    if (encoded !== null) parts.push(encoded);
  }
  const candidate = {
    content: { parts, role: 'model' },
    finishReason: finishWord(result.finish),
    index: 0,
    ...citationFields(result.parts),
  };
  const extras = result.extras?.origin === GEMINI ? result.extras.fields : {};
  const [first, ...others] = asArray(extras['candidates']);
  const body = {
    candidates: [merged(isObject(first) ? first : {}, candidate), ...others],
    usageMetadata: encodeUsage(result.usage),
    modelVersion: context.model,
    responseId: result.id ?? context.requestId,
  };
  return { ...leftover(extras, ['candidates']), ...body };
}
