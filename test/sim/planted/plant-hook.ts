import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DURABLE_PLANTS } from '../durable/planted/plants.ts';
import { PLANTS } from './plants.ts';

/** Which bug is put in, by its place in the list. */
const plants = process.env['BELLWETHER_PLANTS'] === 'durable' ? DURABLE_PLANTS : PLANTS;
const plant = plants[Number(process.env['BELLWETHER_PLANT'] ?? Number.NaN)];

if (plant !== undefined) {
  const { file, find, replace } = plant;
  const planted = path.resolve(import.meta.dirname, '../../../src', file);
  // Here and not where the file is loaded, so that a text that is gone is told even if nobody loads the file.
  const source = readFileSync(planted, 'utf8');
  if (source.split(find).length !== 2) {
    process.stderr.write(`src/${file} does not have this text exactly once: ${find}\n`);
    process.exit(3);
  }
  registerHooks({
    load(url, context, next) {
      if (!url.startsWith('file:') || fileURLToPath(url) !== planted) return next(url, context);
      return { format: 'module-typescript', source: source.replace(find, () => replace), shortCircuit: true };
    },
  });
}
