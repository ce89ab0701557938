import { cancel, intro, isCancel, multiselect, outro, text } from '@clack/prompts';
import type { StarterProvider } from '../../compose/starter.ts';
import { portNumber } from '../settings.ts';

/** What the person decided. */
export interface Decisions {
  readonly kinds: readonly string[];
  readonly port: number;
}

/** Asks for providers and port; null where the person left. */
export async function askDecisions(
  providers: readonly StarterProvider[],
  port: number,
): Promise<Decisions | null> {
  intro('A configuration for Bellwether');
  const kinds = await multiselect({
    message: 'Which providers? (none: simulated ones)',
    options: providers.map(({ kind, name, variable, found }) => ({
      value: kind,
      label: name,
      hint: found ? `${variable} is set` : `needs ${variable}`,
    })),
    initialValues: providers.filter(({ found }) => found).map(({ kind }) => kind),
    required: false,
    maxItems: 12,
  });
  if (isCancel(kinds)) return left();
  const chosen = await text({
    message: 'On which port should it listen?',
    initialValue: String(port),
    validate: (value) => portProblem(value ?? ''),
  });
  if (isCancel(chosen)) return left();
  outro('Thank you.');
  return { kinds, port: portNumber(chosen) };
}

function portProblem(value: string): string | undefined {
  try {
    portNumber(value);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function left(): null {
  cancel('Nothing was written.');
  return null;
}
