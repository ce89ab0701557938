// Lets `import 'bellwether'` mean the sources of this repository, so that the example runs without a build.
import { registerHooks } from 'node:module';

const SOURCE = new URL('../src/index.ts', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) => next(specifier === 'bellwether' ? SOURCE : specifier, context),
});
