import { z } from 'zod';
import { didYouMean } from '../../base/nearest.ts';
import { PLAIN_FAULTS, STREAM_FAULTS, type SimulatedFaultKind, type SimulatorControl } from './ports.ts';
import { Problem } from './problem.ts';
import { route, routeWithBody, type AdminRoute } from './route.ts';
import { STATUS_ERRORS } from '../../simulator/faults/fault.ts';

const pause = z.number().int().min(0).max(600_000);

const faultKind = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal(PLAIN_FAULTS) }),
  z.strictObject({ type: z.literal(STREAM_FAULTS), after_events: z.number().int().min(0).max(10_000) }),
  z.strictObject({ type: z.literal('slow-first-token'), delay_ms: pause }),
  z.strictObject({ type: z.literal('dribble'), byte_ms: pause }),
  z.strictObject({
    type: z.literal('status'),
    error: z.literal(STATUS_ERRORS),
    retry_after_seconds: z.number().int().min(0).max(86_400).optional(),
  }),
]);

const faultInput = z
  .strictObject({
    fault: faultKind.nullable().describe('What goes wrong; null makes the provider well.'),
    share: z.number().min(0).max(1).default(1).describe('Chance that a request meets the fault.'),
  })
  .meta({ id: 'SimulatedFault' });

/** Simulated providers: seen, broken and mended. */
export const simulatorRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/simulator',
    id: 'listSimulatedProviders',
    summary: 'Lists the simulated providers.',
    permission: 'gateway:read',
    output: z.strictObject({ providers: z.array(z.string()) }),
    handle: ({ ports }) => ({ providers: [...(ports.simulator?.providers ?? [])] }),
  }),
  routeWithBody({
    method: 'POST',
    path: '/simulator/{provider}/fault',
    id: 'setSimulatedFault',
    summary: 'Gives a simulated provider a fault from its next request on, or makes it well.',
    permission: 'simulator:write',
    input: faultInput,
    output: z.strictObject({ provider: z.string(), fault: z.string().nullable(), share: z.number() }),
    handle: ({ params, input: { fault, share }, ports }) => {
      const provider = params['provider'] ?? '';
      const simulator = known(ports.simulator, provider);
      simulator.setFault(provider, fault === null ? null : { kind: faultKindOf(fault), share });
      return { provider, fault: fault === null ? null : fault.type, share };
    },
  }),
];

function known(simulator: SimulatorControl | null, provider: string): SimulatorControl {
  if (simulator === null || simulator.providers.length === 0) {
    throw new Problem('not_found', 'No provider is simulated. Configure one with "kind: simulated".');
  }
  if (simulator.providers.includes(provider)) return simulator;
  const hint = didYouMean(provider, simulator.providers);
  throw new Problem('not_found', `No simulated provider is called "${provider.slice(0, 100)}"${hint}.`);
}

function faultKindOf(fault: z.infer<typeof faultKind>): SimulatedFaultKind {
  if ('delay_ms' in fault) return { type: fault.type, delayMs: fault.delay_ms };
  if ('byte_ms' in fault) return { type: fault.type, byteMs: fault.byte_ms };
  if ('after_events' in fault) return { type: fault.type, afterEvents: fault.after_events };
  if (fault.type !== 'status') return { type: fault.type };
  const seconds = fault.retry_after_seconds;
  const retryAfter = seconds === undefined ? NO_HINT : { type: 'seconds' as const, seconds };
  return { type: fault.type, error: fault.error, retryAfter };
}

const NO_HINT = { type: 'none' } as const;
