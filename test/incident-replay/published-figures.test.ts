import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ceilingOf, ceilingsOfSize, downTimes, type DownTimes } from '../../src/drill/replay/ceiling.ts';
import type { IncidentFile, ReplayMode } from '../../src/drill/replay/incident.ts';
import { readIncidents } from '../../src/drill/replay/incidents.ts';
import { knownDownTimes, knownIncidents } from '../../src/drill/replay/known-incidents.ts';
import { parsePeriod } from '../../src/drill/replay/period.ts';
import { idealAvailability, singleAvailability, timelineOf } from '../../src/drill/replay/timeline.ts';
import { describeShared, sharedPath } from '../shared.ts';

// What was published about these files, by others and with other programs, must come out here too.

const EARLY = 'status_page_incidents_2021-02_2024-02.csv';
const MAY = 'status_incidents_2026-05.csv';
// Both companies were watched from 11 July 2023 on; the file ends with February 2024.
const BOTH_WATCHED = parsePeriod('2023-07-11..2024-02-29');
const TEXT_SERVICES = [
  'anthropic_api',
  'aws_bedrock',
  'cohere_api',
  'deepseek_api',
  'fireworks_ai',
  'google_gemini_api',
  'groq',
  'mistral_api',
  'openai_api',
  'together_ai',
  'xai_api',
];

function read(file: string, unknownMinutes?: number): IncidentFile {
  const text = readFileSync(sharedPath('data', 'incidents', file), 'utf8');
  return readIncidents(file, text, unknownMinutes === undefined ? {} : { unknownMinutes });
}

function weighted(services: readonly string[], mode: ReplayMode = 'weighted') {
  return timelineOf({
    incidents: read(EARLY, 0).incidents,
    services,
    period: BOTH_WATCHED,
    mode,
    seed: 1,
  });
}

/** The published shares are of May and June together, in which June added nothing: 61 days of 1,440 minutes. */
function overTwoMonths(minutes: number): number {
  return 1 - minutes / (61 * 1440);
}

function common(down: DownTimes, ...services: readonly string[]): number {
  return ceilingOf(down, services).allDownMs / 60_000;
}

describeShared('published figures of the incident files', () => {
  it('OpenAI and Anthropic to February 2024: a ceiling of 99.98635 %, lost in one stretch of 46 minutes', () => {
    const down = downTimes(read(EARLY).incidents, ['openai_api', 'anthropic_api'], BOTH_WATCHED);
    const pair = ceilingOf(down, ['openai_api', 'anthropic_api']);
    expect(pair.availability).toBeCloseTo(0.999_863_5, 7);
    expect(pair.allDownMs).toBe(46 * 60_000);
    expect(pair.windows).toBe(1);
    // Less than if their outages had nothing to do with each other: they happen together.
    expect(pair.availability).toBeLessThan(pair.independent);
    expect(read(EARLY).incidents.length).toBeGreaterThan(100);
  });

  it('OpenAI alone 98.963 % in the weighted mode, with Anthropic 99.9998 %', () => {
    expect(singleAvailability(weighted(['openai_api']), 'openai_api')).toBeCloseTo(0.98963, 5);
    expect(idealAvailability(weighted(['openai_api', 'anthropic_api']))).toBeGreaterThan(0.999_995);
    expect(idealAvailability(weighted(['openai_api', 'anthropic_api'], 'conservative'))).toBeCloseTo(
      0.999_863_5,
      7,
    );
  });

  it('the sets of May 2026: two for 105 minutes, three mostly for none, four never', () => {
    const down = downTimes(read(MAY).incidents, TEXT_SERVICES, parsePeriod('2026-05'));
    const pair = ceilingOf(down, ['anthropic_api', 'openai_api']);
    expect(pair.windows).toBe(2);
    expect(overTwoMonths(pair.allDownMs / 60_000)).toBeCloseTo(0.998_80, 5);
    expect(overTwoMonths(common(down, 'anthropic_api', 'deepseek_api'))).toBeCloseTo(0.999_81, 5);
    const [worst, second, third] = ceilingsOfSize(down, 3).toReversed();
    expect(worst?.services).toEqual(['anthropic_api', 'google_gemini_api', 'together_ai']);
    expect(overTwoMonths((worst?.allDownMs ?? 0) / 60_000)).toBeCloseTo(0.998_33, 5);
    expect(second?.services).toEqual(['anthropic_api', 'openai_api', 'together_ai']);
    expect(overTwoMonths((second?.allDownMs ?? 0) / 60_000)).toBeCloseTo(0.998_83, 5);
    expect(third?.services).toEqual(['anthropic_api', 'mistral_api', 'together_ai']);
    expect(overTwoMonths((third?.allDownMs ?? 0) / 60_000)).toBeCloseTo(0.999_59, 5);
    // Of 165 sets of three five had a common minute in the two months, three of them in May.
    const threes = ceilingsOfSize(down, 3);
    expect([threes.length, threes.filter(({ allDownMs }) => allDownMs > 0).length]).toEqual([165, 3]);
    const fours = ceilingsOfSize(down, 4);
    expect([fours.length, fours.filter(({ allDownMs }) => allDownMs > 0).length]).toEqual([330, 0]);
  });

  it('what comes with the program is what the files say', async () => {
    const known = await knownIncidents();
    for (const [index, file] of [EARLY, MAY].entries()) {
      const { incidents } = read(file);
      const period = known.periods[index];
      expect(period).toBeDefined();
      for (const service of period?.services.keys() ?? []) {
        const packed = period === undefined ? null : knownDownTimes(period, [service]);
        const fresh = packed === null ? null : downTimes(incidents, [service], packed.period);
        expect(
          packed?.byService.get(service),
          `${file}, ${service}: run scripts/import-incidents.ts`,
        ).toEqual(fresh?.byService.get(service));
      }
    }
  });
});
