import { compact, type JsonObject } from '../../base/json.ts';
import type { GenerateRequest, OutputFormat } from '../../spec/generate.ts';
import type { Encoding } from './content-encode.ts';

/** The answer's form: a field, and what must be said to the model where the field does not suffice. */
export interface EncodedFormat {
  readonly field: JsonObject | undefined;
  readonly instruction: string | null;
}

/** `response_format`, brought down to what the target can do: a schema, JSON mode, or words alone. */
export function encodeFormat(request: GenerateRequest, encoding: Encoding): EncodedFormat {
  const { output } = request;
  if (output === undefined || output.type === 'text') return { field: undefined, instruction: null };
  const level = levelOf(output, encoding);
  if (output.type === 'json-schema') return encodeSchema(output, level, encoding);
  // OpenAI refuses JSON mode where nothing in the conversation says "JSON".
  const needsWord = level === 'none' || !JSON.stringify(request.messages).toLowerCase().includes('json');
  if (needsWord) warn(encoding, 'The demand for JSON was also said in words.');
  return {
    field: level === 'none' ? undefined : JSON_MODE,
    instruction: needsWord ? 'Answer with JSON only.' : null,
  };
}

type SchemaFormat = Extract<OutputFormat, { type: 'json-schema' }>;
type Level = 'native' | 'json-mode' | 'none';

const JSON_MODE: JsonObject = { type: 'json_object' };

function levelOf(output: OutputFormat, { target }: Encoding): Level {
  const { jsonSchema } = target.quirks;
  const modelCannot = output.type === 'json-schema' && !target.capabilities.structuredOutput;
  return modelCannot && jsonSchema === 'native' ? 'json-mode' : jsonSchema;
}

function encodeSchema(output: SchemaFormat, level: Level, encoding: Encoding): EncodedFormat {
  if (level === 'native') {
    const { name = 'response', description, schema, strict } = output;
    return {
      field: { type: 'json_schema', json_schema: compact({ name, description, schema, strict }) },
      instruction: null,
    };
  }
  warn(encoding, 'The target cannot be held to a JSON Schema; the schema was said in words.');
  return {
    field: level === 'json-mode' ? JSON_MODE : undefined,
    instruction: `Answer with JSON only, without any other text, that is valid for this JSON Schema:\n${JSON.stringify(output.schema)}`,
  };
}

function warn({ warnings }: Encoding, message: string): void {
  warnings.add('emulated', 'response_format', message);
}
