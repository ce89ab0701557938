import {
  faultOrReason,
  FAULTS,
  SIMULATED_PACE,
  startSimulate,
  WIRE_NAMES,
  type SimulateSettings,
  type WireName,
} from '../../compose/simulate.ts';
import { didYouMean } from '../../base/nearest.ts';
import { listenForSignals } from '../../node/signals.ts';
import { CommandError, EXIT } from '../exit.ts';
import { table, wrapped } from '../format/table.ts';
import { portNumber } from '../settings.ts';
import { describeStartFailure } from '../start-failure.ts';
import { paint, print, say } from '../terminal.ts';

interface SimulateOptions {
  readonly host?: string;
  readonly port?: string;
  readonly wire?: string;
  readonly fault?: string;
  readonly firstTokenMs?: string;
  readonly tokensPerSecond?: string;
}

const DEFAULT_PORT = '8585';

/** `bellwether simulate`: serves simulated providers, for tests of programs that call real ones. */
export async function simulate(options: SimulateOptions): Promise<void> {
  const settings = settingsOf(options);
  const running = await startSimulate(settings).catch((error: unknown) => {
    throw describeStartFailure(error, settings);
  });
  listenForSignals({
    onStop: () => void running.close().then(() => process.exit(EXIT.ok)),
    onForcedStop: () => process.exit(EXIT.failure),
    onReload: () => say('A simulator has no configuration to read again.'),
  });
  print(screen(running.url, options.fault));
}

function settingsOf(options: SimulateOptions): SimulateSettings {
  return {
    host: options.host ?? '127.0.0.1',
    port: portNumber(options.port ?? DEFAULT_PORT),
    wire: wireOf(options.wire ?? 'chat'),
    fault: options.fault === undefined ? null : faultOf(options.fault),
    firstTokenMs: amount(options.firstTokenMs, '--first-token-ms') ?? SIMULATED_PACE.firstTokenMs,
    tokensPerSecond: amount(options.tokensPerSecond, '--tokens-per-second') ?? SIMULATED_PACE.tokensPerSecond,
  };
}

function wireOf(text: string): WireName {
  const wire = WIRE_NAMES.find((name) => name === text);
  if (wire !== undefined) return wire;
  const hint = didYouMean(text, WIRE_NAMES) || `; known are ${WIRE_NAMES.join(', ')}`;
  throw new CommandError('usage', `There is no wire "${text}"${hint}.`);
}

function faultOf(text: string): NonNullable<SimulateSettings['fault']> {
  const found = faultOrReason(text);
  if (found.type === 'fault') return found.fault;
  throw new CommandError('usage', found.reason);
}

function amount(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 600_000) return value;
  throw new CommandError('usage', `${option} takes a number from 0 to 600000, not "${text}".`);
}

function screen(url: string, fault: string | undefined): string {
  return [
    '',
    `  ${paint('bold', 'Simulated providers')} listen on ${paint('bold', url)}. Any key is accepted.`,
    ...(fault === undefined ? [] : [`  ${paint('yellow', `Every request meets the fault "${fault}".`)}`]),
    '',
    '  Base URLs for clients and for the base_url of a gateway:',
    '',
    table(
      [
        ['OpenAI', `${url}/v1`, 'POST /chat/completions, /embeddings'],
        ['Anthropic', `${url}/v1`, 'POST /messages, /messages/count_tokens (SDKs: without /v1)'],
        ['Gemini', `${url}/v1beta`, 'POST /models/NAME:generateContent, :streamGenerateContent'],
      ],
      '  ',
    ),
    '',
    wrapped(
      `${url}/p/NAME/v1 and so on are as many separate providers as you like, each with its own faults.`,
      '  ',
    ),
    '',
    '  A request asks for a fault by its model name, such as gpt-4.1#429 or gpt-4.1#cut:5. Faults:',
    '',
    wrapped(FAULTS.join(', '), '    '),
    '',
    '  Try it:',
    '',
    `    curl ${url}/v1/chat/completions \\`,
    '      -H "authorization: Bearer any" -H "content-type: application/json" \\',
    `      -d '{"model":"gpt-4.1","messages":[{"role":"user","content":"Say hello"}]}'`,
    '',
  ].join('\n');
}
