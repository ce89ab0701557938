import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PROVIDERS } from '../src/providers/index.ts';
import { catalogueSchema } from './prices/catalogue.ts';
import { modelsFile } from './prices/rows.ts';
import { ROOT } from './tool.ts';

// Writes the models.json of every provider folder from a gathered list of models and prices:
// `node_modules/.bin/node scripts/import-prices.ts [FILE]`.
const file = process.argv[2] ?? path.join(ROOT, '..', 'shared', 'data', 'models', 'catalogue.json');
const catalogue = catalogueSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
let bytes = 0;
for (const definition of PROVIDERS) {
  if (definition.catalog === null) continue;
  const text = modelsFile(catalogue, definition);
  bytes += text.length;
  writeFileSync(path.join(ROOT, 'src', 'providers', definition.kind, 'models.json'), text);
}
console.log(`Models and prices of ${file} written: ${Math.round(bytes / 1024)} KB.`);
