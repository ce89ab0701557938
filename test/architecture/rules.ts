/** Which folder of src/ may import what, besides `base` and `spec`. The same table stands in ARCHITECTURE.md, word for word. */
export interface DependencyRule {
  readonly folders: readonly string[];
  /**
   * A folder (`ledger`), one file of it (`store/store.ts`), a folder of which only types are imported
   * (`types of config`), or `everything`.
   */
  readonly may: readonly string[];
  readonly why: string;
}

/** The table. Whoever needs a new arrow adds it here and in ARCHITECTURE.md, with the reason. */
export const DEPENDENCIES: readonly DependencyRule[] = [
  { folders: ['base'], may: [], why: 'no domain words; not even `spec`' },
  { folders: ['spec'], may: [], why: 'the shared language: types and tables' },
  {
    folders: ['protocols', 'catalog', 'config', 'events', 'keys', 'node', 'resumption'],
    may: [],
    why: '`config` is handed the list of providers, it does not import it',
  },
  {
    folders: ['providers', 'simulator'],
    may: ['protocols', 'catalog'],
    why: 'they speak wires and know models',
  },
  {
    folders: ['routing', 'ledger'],
    may: ['catalog', 'types of config'],
    why: 'pure decisions about models and prices',
  },
  { folders: ['limits', 'guards', 'response-cache'], may: ['types of config'], why: '' },
  {
    folders: ['health'],
    may: ['types of config'],
    why: 'the memory of how targets are doing; it is told of calls and makes none',
  },
  {
    folders: ['drill'],
    may: ['simulator', 'protocols', 'types of config'],
    why: 'faults on purpose, in front of any transport, and the report of what came of them',
  },
  {
    folders: ['idempotency', 'queue'],
    may: ['store/store.ts', 'types of config', 'types of gateway'],
    why: 'what makes an answer outlive its connection; they know the shape of a call and are handed the gateway as a function',
  },
  {
    folders: ['observe'],
    may: ['ledger', 'store/store.ts', 'store/store-error.ts', 'types of config'],
    why: 'subscribers write what they heard through the interfaces of the store',
  },
  {
    folders: ['store'],
    may: ['keys', 'ledger', 'limits', 'types of config'],
    why: 'the pure rules that it must apply atomically',
  },
  {
    folders: ['gateway'],
    may: [
      'protocols',
      'catalog',
      'config',
      'events',
      'keys',
      'routing',
      'resumption',
      'limits',
      'ledger',
      'guards',
      'response-cache',
      'store/store.ts',
    ],
    why: 'the path of a request; it is handed providers, network and subscribers',
  },
  {
    folders: ['server'],
    may: [
      'gateway',
      'protocols',
      'config',
      'keys',
      'simulator',
      'ledger',
      'queue/job-text.ts',
      'store/store.ts',
      'store/store-error.ts',
    ],
    why: 'the only folder that knows HTTP serving',
  },
  {
    folders: ['cli'],
    may: ['compose', 'config', 'node', 'server', 'types of store'],
    why: 'a user of the composition',
  },
  {
    folders: ['library'],
    may: [
      'compose',
      'config',
      'gateway',
      'ledger',
      'node',
      'protocols',
      'server',
      'simulator',
      'types of store',
    ],
    why: 'what stands behind the door `index.ts`; a user of the composition as the command line is',
  },
  {
    folders: ['compose', 'index.ts', 'server.ts', 'testing.ts', 'testing'],
    may: ['everything'],
    why: 'the composition, and the doors, which hold names and nothing else',
  },
];

/** Folders and files that may import an npm package; a package that is not here may be imported nowhere in src/. */
export const PACKAGES: { readonly [name: string]: readonly string[] } = {
  zod: ['config', 'protocols', 'providers', 'server/admin', 'drill/scenario.ts'],
  yaml: ['config/parse.ts'],
  pino: ['node'],
  commander: ['cli'],
  '@clack/prompts': ['cli'],
};

/** Folders and files that may import a module of Node itself. */
export const NODE_MODULES: readonly string[] = [
  'node',
  'store',
  'server',
  'cli',
  'compose',
  'observe/metrics/process-metrics.ts',
];

/**
 * Words that reach for time, chance, network or the process, and may stand in these places only. `new Date(ms)` is not
 * among them: it writes a given time and reads no clock.
 */
export const OUTSIDE_WORLD = {
  places: [
    'node',
    'cli',
    // It describes the process itself, so there is nothing that could be handed to it.
    'observe/metrics/process-metrics.ts',
    // It writes the process's id into the lock, for the message that names the holder.
    'store/sql/sqlite-lock.ts',
  ],
  words: [
    /\bDate\.now\b/,
    /\bnew Date\(\)/,
    /\bMath\.random\b/,
    /(?<![.\w])process\./,
    /(?<![.\w])setTimeout\b/,
    /(?<![.\w])setInterval\b/,
    /(?<![.\w])fetch\(/,
    /(?<![.\w])console\./,
  ],
} as const;

/** Places in which names of providers and protocols may stand as literals, besides their own folders. */
export const NAMING_PLACES: readonly string[] = [
  'protocols/index.ts',
  'providers/index.ts',
  'server/inference',
];

/** Names that are also words: what is simulated may be called so. */
export const ORDINARY_WORDS: readonly string[] = ['simulated'];

/** Folders among protocols and providers that are none, but hold what all of them share. */
export const SHARED_FOLDERS: readonly string[] = ['framing', 'testing'];

/**
 * What every protocol folder has, so that who knows one knows all. Beside these it holds code only, split by idea, and no
 * folders but one for its tests.
 */
export const PROTOCOL_FILES: readonly string[] = [
  'id.ts',
  'protocol.ts',
  'protocol.test.ts',
  'downstream.ts',
  'upstream.ts',
  'request-decode.ts',
  'request-encode.ts',
  'answer-decode.ts',
  'answer-encode.ts',
  'stream-decode.ts',
  'stream-encode.ts',
  'reasoning-decode.ts',
  'reasoning-encode.ts',
  'tools-decode.ts',
  'tools-encode.ts',
  'error-decode.ts',
  'error-encode.ts',
  'passthrough.ts',
  'listener.ts',
  'finish.ts',
  'names.ts',
  'usage.ts',
];

/** All that a provider folder may hold. */
export const PROVIDER_FILES: readonly string[] = [
  'provider.ts',
  'provider.test.ts',
  'models.json',
  'quirks.ts',
  'auth.ts',
  'errors.ts',
];

/** Fewer sources than this, or fewer imports among them, and the test has looked in the wrong place. */
export const SEEN_MIN = { files: 60, imports: 120 } as const;
