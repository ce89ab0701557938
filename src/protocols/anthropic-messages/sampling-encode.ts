import type { GenerateRequest } from '../../spec/generate.ts';
import type { Capabilities } from '../../spec/model.ts';
import { given } from '../../base/given.ts';
import type { Warnings } from '../warnings.ts';

/** The wire's sampling fields. */
interface SamplingFields {
  readonly temperature?: number;
  readonly top_p?: number;
  readonly top_k?: number;
}

/**
 * Writes the sampling fields that the model takes: up to Claude 4 all, from 4.1 to 4.6 temperature or top_p, later none.
 * The scale of temperature ends at 1, so a higher one is clamped and not divided. With thinking the API insists on
 * temperature 1, top_p of at least 0.95 and no top_k.
 */
export function encodeSampling(
  request: GenerateRequest,
  sampling: Capabilities['sampling'],
  thinking: 'on' | 'off',
  warnings: Warnings,
): SamplingFields {
  if (sampling === 'none') return dropAll(request, warnings);
  const fields = thinking === 'on' ? besideThinking(request, warnings) : request;
  const temperature = clampTemperature(fields.temperature, warnings);
  const both = sampling === 'one-of' && temperature !== undefined && fields.topP !== undefined;
  if (both) warnings.add('dropped', 'topP', 'This model takes temperature or top_p, not both.');
  return given({ temperature, top_p: both ? undefined : fields.topP, top_k: fields.topK });
}

type Sampling = Pick<GenerateRequest, 'temperature' | 'topP' | 'topK'>;

const NAMES = ['temperature', 'topP', 'topK'] as const;
const THINKING_TOP_P_MIN = 0.95;

function dropAll(request: Sampling, warnings: Warnings): SamplingFields {
  for (const name of NAMES) {
    if (request[name] !== undefined && !(name === 'temperature' && request[name] === 1)) {
      warnings.add('dropped', name, 'This model refuses sampling fields.');
    }
  }
  return {};
}

function besideThinking(request: Sampling, warnings: Warnings): Sampling {
  const { temperature, topP, topK } = request;
  if (temperature !== undefined && temperature !== 1) {
    warnings.add('dropped', 'temperature', 'With thinking the temperature must be 1.');
  }
  if (topK !== undefined) warnings.add('dropped', 'topK', 'With thinking top_k must not be set.');
  const narrow = topP !== undefined && topP < THINKING_TOP_P_MIN;
  if (narrow) warnings.add('dropped', 'topP', `With thinking top_p must be at least ${THINKING_TOP_P_MIN}.`);
  return given({ temperature: temperature === 1 ? 1 : undefined, topP: narrow ? undefined : topP });
}

function clampTemperature(temperature: number | undefined, warnings: Warnings): number | undefined {
  if (temperature === undefined || temperature <= 1) return temperature;
  warnings.add('clamped', 'temperature', `Lowered from ${temperature} to 1, the end of this API's scale.`);
  return 1;
}
