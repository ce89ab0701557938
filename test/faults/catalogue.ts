import { existsSync, readFileSync } from 'node:fs';
import type { CatalogueEntry } from '../../src/simulator/faults/fault.ts';
import { sharedPath } from '../shared.ts';

/** An entry of the catalogue of provider faults, as it stands in the shared data. */
export interface CataloguedFault extends CatalogueEntry {
  /** Whose wire form it has; `any` for faults of transport and framing. */
  readonly provider: string;
  readonly cls: string;
  readonly action: string;
}

/** All entries; none where the shared data is absent, which `describeShared` reports. */
export function catalogue(): readonly CataloguedFault[] {
  const file = sharedPath('data', 'wire', 'provider_faults.jsonl');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line): CataloguedFault => JSON.parse(line));
}

/** The wires that an entry can come on. Bedrock serves the forms of OpenAI and of Anthropic with envelopes of its own. */
export function wiresOf({ provider }: CataloguedFault): readonly FaultWire[] {
  return WIRES_OF[provider] ?? ['chat'];
}

/** The wires that the faulty provider speaks. */
export type FaultWire = 'chat' | 'messages' | 'gemini';

const WIRES_OF: { readonly [provider: string]: readonly FaultWire[] } = {
  any: ['chat', 'messages', 'gemini'],
  anthropic: ['messages'],
  google: ['gemini'],
  aws_bedrock: ['chat', 'messages'],
};

/** Ids of the protocols that speak them. */
export const PROTOCOL_OF: { readonly [wire in FaultWire]: string } = {
  chat: 'openai-chat',
  messages: 'anthropic-messages',
  gemini: 'gemini',
};
