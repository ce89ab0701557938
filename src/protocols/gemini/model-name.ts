import { GatewayError } from '../../spec/error.ts';
import type { EncodeTarget } from '../protocol.ts';

/**
 * Path of a method of a model below the base URL, which ends in `/v1beta` (or in `/publishers/google` on Vertex).
 * Throws where the name could leave its place in the path.
 */
export function modelPath(model: string, method: string): string {
  const found = /^(?:(models|tunedModels)\/)?([A-Za-z0-9][A-Za-z0-9._@#:-]*)$/.exec(model);
  if (found === null) {
    throw new GatewayError(
      'model_not_found',
      `"${model.slice(0, 100)}" cannot be the name of a Gemini model.`,
    );
  }
  // Both stand in names that ask a simulated provider for a fault; unescaped they would end the name.
  const name = (found[2] ?? '').replaceAll(/[#:]/g, (character) => encodeURIComponent(character));
  return `/${found[1] ?? 'models'}/${name}:${method}`;
}

/** The model as a resource name, `models/...`, as it stands inside bodies. */
export function modelResource(model: string): string {
  return model.includes('/') ? model : `models/${model}`;
}

/** The major version of a Gemini model, by which signatures, call ids and JSON mode with tools differ. */
export function generationOf(target: Pick<EncodeTarget, 'model' | 'capabilities'>): number {
  const numbered = /gemini-(\d+)/.exec(target.model)?.[1];
  if (numbered !== undefined) return Number(numbered);
  // Aliases such as gemini-flash-latest follow the newest generation.
  if (/^(?:models\/)?gemini-.*latest$/.test(target.model)) return 3;
  return target.capabilities.reasoning.type === 'effort' ? 3 : 2;
}
