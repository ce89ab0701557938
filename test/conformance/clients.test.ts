import { afterAll, beforeAll, describe, it } from 'vitest';
import { CLIENTS } from './clients/index.ts';
import type { Mode } from './clients/client.ts';
import { openHouse, WIRES, type House } from './house.ts';
import { expectScenario, SCENARIOS, stageOf } from './scenarios.ts';

const MODES: readonly Mode[] = ['whole', 'streamed'];

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

describe.each(CLIENTS)('$name', (client) => {
  describe.each(WIRES)('onto the wire of %s', (upstream) => {
    describe.each(MODES)('%s', (mode) => {
      it.each(SCENARIOS)('$name', async (scenario) => {
        await expectScenario(scenario, stageOf(house, client, upstream, mode));
      });
    });
  });
});
