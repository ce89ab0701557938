/** One measure as the report shows it. */
export interface Row {
  readonly measure: string;
  readonly title: string;
  readonly unit: string;
  /** Whether the ratio to the references says something, and which way round is better. */
  readonly compare: 'higher' | 'lower' | 'same-wire' | 'none';
  readonly digits: number;
}

const WIRE_NAMES: Readonly<Record<string, string>> = {
  openai: "OpenAI's wire",
  anthropic: "Anthropic's wire",
  gemini: "Gemini's wire",
};

/** Every row of the report, in order. */
export const ROWS: readonly Row[] = [
  ...throughput('json-c64', 'JSON, c=64', 'requests', 0),
  ...throughput('json-c256', 'JSON, c=256', 'requests', 0),
  ...throughput('sse-paced', 'SSE 2 ms apart, c=256', 'chunks', 1),
  ...throughput('sse-burst', 'SSE at once, c=64', 'chunks', 1),
  ...latency('added-200', 'added latency, 200/s', ['p50', 'p90', 'p99']),
  ...latency('added-1000', 'added latency, 1,000/s', ['p50', 'p90', 'p99']),
  ...latency('first-content', 'added time to first content, 40/s', ['p50', 'p90']),
  ...(['openai', 'anthropic', 'gemini'] as const).flatMap((wire) => [
    translated('json', 'JSON, c=64', wire, 'requests'),
    translated('sse', 'SSE, c=256', wire, 'chunks'),
  ]),
  { measure: 'memory-idle', title: 'memory, idle', unit: 'MB', compare: 'lower', digits: 0 },
  { measure: 'memory-loaded', title: 'memory, after c=256', unit: 'MB', compare: 'lower', digits: 0 },
  {
    measure: 'memory-stream',
    title: 'memory per open silent stream, 5,000 open',
    unit: 'KB',
    compare: 'lower',
    digits: 1,
  },
  { measure: 'cold-start', title: 'cold start to the first 200', unit: 'ms', compare: 'lower', digits: 0 },
];

function throughput(measure: string, title: string, what: string, cpuDigits: number): readonly Row[] {
  const one = what.slice(0, -1);
  return [
    {
      measure: `${measure}.cpu-us`,
      title: `${title}: CPU per ${one}`,
      unit: 'us',
      compare: 'none',
      digits: cpuDigits,
    },
    {
      measure: `${measure}.per-core`,
      title: `${title}: ${what} per core-second`,
      unit: '/s',
      compare: 'higher',
      digits: 0,
    },
    {
      measure: `${measure}.seen`,
      title: `${title}: ${what} per second really seen`,
      unit: '/s',
      compare: 'none',
      digits: 0,
    },
  ];
}

function latency(measure: string, title: string, shares: readonly string[]): readonly Row[] {
  return shares.map((share) => ({
    measure: `${measure}.${share}`,
    title: `${title}: ${share}`,
    unit: 'ms',
    compare: 'none',
    digits: 2,
  }));
}

function translated(kind: string, title: string, wire: string, what: string): Row {
  return {
    measure: `translated-${kind}-${wire}.per-core`,
    title: `OpenAI client on ${WIRE_NAMES[wire] ?? wire}, ${title}: ${what} per core-second`,
    unit: '/s',
    compare: 'same-wire',
    digits: 0,
  };
}
