import { field, isObject, parseJsonOr, type Json, type JsonObject } from '../../base/json.ts';

/** The input object of a tool call. */
interface ToolInput {
  readonly input: JsonObject;
  /** Whether the arguments were no JSON object and had to be wrapped. */
  readonly wrapped: boolean;
}

/** Makes the `input` object of arguments as a model wrote them; what is no JSON object is wrapped, never sent broken. */
export function argumentsToInput(text: string): ToolInput {
  if (text.trim() === '') return { input: {}, wrapped: false };
  const value = parseJsonOr(text, null);
  if (isObject(value)) return { input: value, wrapped: false };
  return { input: { [WRAPPED]: text }, wrapped: true };
}

/** The arguments of an `input`, with the wrapping undone. */
export function inputToArguments(input: Json | undefined): string {
  const wrapped = field(input, WRAPPED);
  if (typeof wrapped === 'string' && isObject(input) && Object.keys(input).length === 1) return wrapped;
  return JSON.stringify(input ?? {});
}

const WRAPPED = '_raw_arguments';
