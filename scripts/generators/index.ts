import { adminApiPage, adminOpenApiFile } from './admin-api.ts';
import { commandLinePage } from './command-line.ts';
import { configSchemaFile, configurationPage } from './configuration.ts';
import { errorsPage } from './errors.ts';
import { eventsPage } from './events.ts';
import { metricsPage } from './metrics.ts';
import { providersPage } from './providers.ts';
import { scenarioSchemaFile } from './scenario.ts';

/** A committed file that is made from the sources; `npm run generate` writes it, test/docs.test.ts compares it. */
export interface Generator {
  /** Path of the file from the root of the repository. */
  readonly file: string;
  /** What it is made from, for the heading of generated pages and for people who look for the place to edit. */
  readonly source: string;
  readonly make: () => string | Promise<string>;
}

/** The list; a new generated file is one entry here. */
export const GENERATORS: readonly Generator[] = [
  { file: 'docs/reference/errors.md', source: 'src/spec/error.ts', make: errorsPage },
  { file: 'docs/reference/events.md', source: 'src/spec/event.ts', make: eventsPage },
  { file: 'docs/reference/configuration.md', source: 'src/config/sections/', make: configurationPage },
  { file: 'docs/reference/admin-api.md', source: 'src/server/admin/table.ts', make: adminApiPage },
  { file: 'docs/reference/providers.md', source: 'src/providers/', make: providersPage },
  { file: 'docs/reference/metrics.md', source: 'src/observe/metrics/', make: metricsPage },
  { file: 'docs/reference/command-line.md', source: 'src/cli/program.ts', make: commandLinePage },
  { file: 'schema/config.schema.json', source: 'src/config/schema.ts', make: configSchemaFile },
  { file: 'schema/scenario.schema.json', source: 'src/drill/scenario.ts', make: scenarioSchemaFile },
  { file: 'schema/admin.openapi.json', source: 'src/server/admin/table.ts', make: adminOpenApiFile },
];
