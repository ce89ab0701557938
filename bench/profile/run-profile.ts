import { runWrk } from '../measure/wrk.ts';
import { freshFolder } from '../places.ts';
import type { FakeProvider } from '../upstream/fake-provider.ts';
import { isStream, type Load } from '../upstream/load.ts';
import { gatewayVariant } from '../variants/gateway.ts';
import { readProfile, type Profile } from './read-profile.ts';

const INTERVAL_US = 200;
const WARM_UP_SECONDS = 5;
const SECONDS = 4;

/** Profiles the gateway under one saturated load, after it has warmed up. */
export async function runProfile(provider: FakeProvider, load: Load): Promise<Profile> {
  const folder = freshFolder('profile');
  const running = await gatewayVariant().start({
    provider,
    heldPort: 0,
    profileArgs: ['--cpu-prof', `--cpu-prof-interval=${INTERVAL_US}`, `--cpu-prof-dir=${folder}`],
  });
  const request = running.request(load);
  const connections = isStream(load) ? 256 : 64;
  let fromUs = 0;
  let toUs = 0;
  try {
    await runWrk(request, connections, WARM_UP_SECONDS);
    fromUs = nowUs();
    await runWrk(request, connections, SECONDS);
    toUs = nowUs();
  } finally {
    await running.stop();
  }
  return readProfile(folder, { fromUs, toUs });
}

function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
