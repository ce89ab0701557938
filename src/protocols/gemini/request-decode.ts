import { asArray, asString, compact, isObject, type Json, type JsonObject } from '../../base/json.ts';
import { invalid } from '../../spec/error.ts';
import type { GenerateRequest } from '../../spec/generate.ts';
import type { RequestPath } from '../protocol.ts';
import { GEMINI } from './id.ts';
import { decodeContents, decodeSystem } from './messages-decode.ts';
import { decodeSettings } from './settings-decode.ts';
import { DECLARATION_EXTRAS, decodeToolChoice, decodeTools } from './tools-decode.ts';
import { camelKeys, camelObject, leftover } from './wire.ts';

/** Reads a request of a Gemini client; the model, and whether to stream, stand in its path. */
export function decodeRequest(json: Json, path: RequestPath): GenerateRequest {
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
