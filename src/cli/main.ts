#!/usr/bin/env node
import { launch } from '../node/launch.ts';

launch(new URL('../../', import.meta.url));
const { run } = await import('./run.ts');
await run();
