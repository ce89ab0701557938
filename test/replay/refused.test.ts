import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Json } from '../../src/base/json.ts';
import { GatewayError } from '../../src/spec/error.ts';
import { NO_QUIRKS } from '../../src/spec/provider.ts';
import { describeShared, sharedPath } from '../shared.ts';
import { CROSS_FOLDERS, crossRequests, type ClientRequest } from './requests.ts';
import { WIRES, type Wire } from './wires.ts';

interface Refusal {
  readonly name: string;
  readonly from: Wire;
  readonly to: Wire;
  readonly reason: string;
}

describeShared('translations that have no faithful form', () => {
  const { spoken, unspoken } = refusals();
  process.stderr.write(
    `Translations without a faithful form: ${spoken.length} between the wires that are spoken, `,
  );
  process.stderr.write(`${unspoken} with wires that are not spoken yet.\n`);

  it.each(spoken)('are noted or refused: $name, because $reason', ({ name, from, to }) => {
    const request = crossRequests(from.api).find(
      (each) => each.name.startsWith(`${name}/`) && !isFollowup(each),
    );
    expect(request, 'the case has a request').toBeDefined();
    expect(reaction(from, to, request!)).not.toBe('silent');
  });

  it('were found', () => {
    expect(spoken.length).toBeGreaterThan(5);
  });
});

function refusals(): { readonly spoken: readonly Refusal[]; readonly unspoken: number } {
  const text = readFileSync(sharedPath('fixtures', 'cross-provider', 'refused.json'), 'utf8');
  const table = JSON.parse(text) as { readonly [direction: string]: { readonly [name: string]: string } };
  const rows = Object.entries(table).flatMap(([direction, cases]) =>
    Object.entries(cases).map(([name, reason]) => ({ name, reason, ...wiresOf(direction) })),
  );
  const spoken = rows.flatMap(({ from, to, ...row }) => (from && to ? [{ ...row, from, to }] : []));
  return { spoken, unspoken: rows.length - spoken.length };
}

function wiresOf(direction: string): { readonly from: Wire | undefined; readonly to: Wire | undefined } {
  const [from, to] = direction.split('_to_');
  const wireOf = (folder: string | undefined): Wire | undefined =>
    WIRES.find((wire) => CROSS_FOLDERS[wire.api] === folder);
  return { from: wireOf(from), to: wireOf(to) };
}

function isFollowup(request: ClientRequest): boolean {
  return request.name.endsWith('followup-request.json');
}

// How the gateway reacts: it must say something, in whichever way.
function reaction(from: Wire, to: Wire, { body, path }: ClientRequest): string {
  try {
    const request = from.protocol.downstream.decodeRequest(body as Json, path);
    const { warnings } = to.protocol.upstream.encodeRequest(request, {
      model: 'upstream-model',
      capabilities: to.capabilities,
      quirks: NO_QUIRKS,
    });
    return warnings.length === 0 ? 'silent' : `warned: ${warnings[0]!.message}`;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return `refused: ${error.message}`;
  }
}
