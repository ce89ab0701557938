import { describe, expect, it } from 'vitest';
import { readIncidents } from './incidents.ts';

const PAGES = 'provider,incident_id,start_utc,end_utc,duration_s,impact_level,hits_api,one_api,scope_class\n';
const SERVICES = 'service,incident_id,start_utc,end_utc,duration_s,impact,scope_class\n';

function at(text: string): number {
  return Date.parse(text);
}

describe('a file of incidents', () => {
  it('of status pages gives those that touched the API, by level, without maintenance', () => {
    const { incidents, services, period } = readIncidents(
      'status_page_incidents_2024-01_2024-02.csv',
      PAGES +
        'one,a,2024-01-02T00:00:00Z,2024-01-02T01:00:00Z,3600,2,1,1,all_models\n' +
        'one,b,2024-01-03T00:00:00Z,2024-01-03T01:00:00Z,3600,3,0,0,auth\n' +
        'two,c,2024-01-01T00:00:00Z,2024-01-01T01:00:00Z,3600,0,1,0,billing\n' +
        'two,d,2024-01-05T00:00:00Z,2024-01-05T01:00:00Z,3600,4,1,0,other\n',
    );
    expect(incidents.map(({ service, id, impact }) => [service, id, impact])).toEqual([
      ['two', 'c', 'none'],
      ['one_api', 'a', 'major'],
    ]);
    expect(services).toEqual(['one_api', 'two']);
    expect(period).toEqual({ startMs: at('2024-01-01'), endMs: at('2024-03-01') });
  });

  it('of services: an open end lasts to the end of the month, an end before the start ten minutes or not at all', () => {
    const text =
      SERVICES +
      'x,a,2026-05-30T00:00:00Z,,,,single_model\n' +
      'x,b,2026-05-01T12:00:00Z,2026-05-01T12:00:00Z,0,critical,other\n' +
      'x,c,2026-05-02T12:00:00Z,2026-05-02T11:00:00Z,-3600,major,other\n';
    const read = readIncidents('x_2026-05.csv', text).incidents;
    expect(read.map(({ id, endMs, startMs }) => [id, (endMs - startMs) / 60_000])).toEqual([
      ['b', 10],
      ['c', 10],
      ['a', 2 * 1440],
    ]);
    expect(read.at(-1)).toMatchObject({ endMs: at('2026-06-01'), impact: 'unsaid', announced: true });
    const without = readIncidents('x_2026-05.csv', text, { unknownMinutes: 0 }).incidents;
    expect(without.map(({ id }) => id)).toEqual(['a']);
  });

  it('without months in its name covers what its incidents do', () => {
    const text = `${SERVICES}x,a,2026-05-30T00:00:00Z,2026-05-31T00:00:00Z,1,minor,auth\n`;
    expect(readIncidents('mine.csv', text).period).toEqual({
      startMs: at('2026-05-30'),
      endMs: at('2026-05-31'),
    });
    expect(() => readIncidents('mine.csv', SERVICES)).toThrow('mine.csv: no incident is in it');
  });

  it.each([
    ['x,a,2026-05-30,2026-05-31T00:00:00Z,1,minor,auth', 'line 2: start_utc must be a time such as'],
    ['x,a,2026-05-30T00:00:00Z,soon,1,minor,auth', 'line 2: end_utc must be a time such as'],
    ['x,a,2026-05-30T00:00:00Z,,1,grave,auth', 'line 2: impact must be one of minor'],
    ['x,a,2026-05-30T00:00:00Z,,1,minor,weather', 'line 2: scope_class must be one of all_models'],
    [',a,2026-05-30T00:00:00Z,,1,minor,auth', 'line 2: the service has no name'],
    ['x,a', 'line 2: 2 cells, but the head names 7 columns'],
  ])('says what is wrong with %s', (row, message) => {
    expect(() => readIncidents('f.csv', `${SERVICES}${row}\n`)).toThrow(`f.csv, ${message}`);
  });

  it('with an impact level that does not exist names it', () => {
    const row = 'one,a,2024-01-02T00:00:00Z,2024-01-02T01:00:00Z,3600,7,1,1,all_models\n';
    expect(() => readIncidents('f.csv', PAGES + row)).toThrow('f.csv, line 2: impact_level must be 0 to 4');
  });
});
