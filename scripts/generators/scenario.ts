import { scenarioJsonSchema } from '../../src/drill/scenario.ts';

/** The JSON Schema of the files that `bellwether drill --scenario` takes. */
export function scenarioSchemaFile(): string {
  return `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`;
}
