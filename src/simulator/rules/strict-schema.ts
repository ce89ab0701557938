import { asArray, field, isObject, type Json } from '../../base/json.ts';

/**
 * What OpenAI's strict mode finds wrong with a schema, in its words; null where the schema will do. Every object must
 * forbid other properties and require all of its own (platform.openai.com/docs/guides/structured-outputs).
 */
export function strictFault(schema: Json | undefined, context: readonly string[] = []): string | null {
  if (!isObject(schema)) return null;
  return objectFault(schema, context) ?? deeperFault(schema, context);
}

function objectFault(schema: Json, context: readonly string[]): string | null {
  const properties = field(schema, 'properties');
  const type = field(schema, 'type');
  const isObjectSchema = type === 'object' || asArray(type).includes('object') || isObject(properties);
  if (!isObjectSchema) return null;
  const place = `In context=(${context.map((step) => `'${step}'`).join(', ')})`;
  if (field(schema, 'additionalProperties') !== false) {
    return `${place}, 'additionalProperties' is required to be supplied and to be false.`;
  }
  const required = asArray(field(schema, 'required'));
  const missing = isObject(properties)
    ? Object.keys(properties).find((name) => !required.includes(name))
    : undefined;
  if (missing === undefined) return null;
  return `${place}, 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
}

function deeperFault(schema: Json, context: readonly string[]): string | null {
  for (const [step, child] of childrenOf(schema)) {
    const fault = strictFault(child, [...context, ...step]);
    if (fault !== null) return fault;
  }
  return null;
}

function childrenOf(schema: Json): readonly (readonly [step: readonly string[], child: Json | undefined])[] {
  const named = ['properties', '$defs', 'definitions'].flatMap((key) => {
    const children = field(schema, key);
    return isObject(children)
      ? Object.entries(children).map(([name, child]) => [[key, name], child] as const)
      : [];
  });
  const listed = ['anyOf', 'allOf'].flatMap((key) =>
    asArray(field(schema, key)).map((child, index) => [[key, String(index)], child] as const),
  );
  return [...named, ...listed, [['items'], field(schema, 'items')]];
}
