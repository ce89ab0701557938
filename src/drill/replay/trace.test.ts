import { describe, expect, it } from 'vitest';
import { ordinaryTrace, readTrace } from './trace.ts';

const RATES = 'client,window_start_s,rate_rps,interarrival_cv,family,shape,scale\n';

describe('a trace', () => {
  it('is read from tables of milliseconds or seconds, and from JSON lines, in order of time', () => {
    expect(readTrace('a', 't_ms,input_tokens,output_tokens\n20,3,4\n10,1,2\n')).toEqual([
      { atMs: 10, inputTokens: 1, outputTokens: 2 },
      { atMs: 20, inputTokens: 3, outputTokens: 4 },
    ]);
    expect(readTrace('b', 't_s,session,input_tokens,output_tokens\n0,1,3,4\n2,1,1,2\n').at(-1)).toMatchObject(
      { atMs: 2000 },
    );
    const line = '{"timestamp":5,"input_length":6,"output_length":7,"hash_ids":[0]}\n';
    expect(readTrace('c', line + line)[0]).toEqual({ atMs: 5, inputTokens: 6, outputTokens: 7 });
  });

  it.each([
    ['Gamma', 0.5, 0.2],
    ['Gamma', 3, 0.05],
    ['Weibull', 1, 0.1],
  ])('is drawn from rates with the mean of %s(%d, %d)', (family, shape, scale) => {
    const windows = Array.from(
      { length: 480 },
      (_, index) => `1,${index * 600},1,1,${family},${shape},${scale}`,
    );
    const drawn = readTrace('r', `${RATES}${windows.join('\n')}\n`);
    // Forty windows of ten seconds each, a request every 0.1 or 0.15 s on average.
    const mean = family === 'Weibull' ? scale : shape * scale;
    expect(drawn.length / (40 * (10 / mean))).toBeGreaterThan(0.93);
    expect(drawn.length / (40 * (10 / mean))).toBeLessThan(1.1);
  });

  it('of an ordinary workload has about a request a second, and is the same for the same seed', () => {
    const trace = ordinaryTrace(1);
    expect((trace.at(-1)?.atMs ?? 0) / trace.length).toBeGreaterThan(900);
    expect((trace.at(-1)?.atMs ?? 0) / trace.length).toBeLessThan(1_100);
    expect(ordinaryTrace(1)).toEqual(trace);
  });

  it.each([
    ['t_ms,input_tokens,output_tokens\n1,x,2\n', 'f, line 2: input_tokens must be a number from 0, not "x"'],
    ['{"timestamp":1}\n', 'f, line 1: input_length must be a number from 0'],
    ['t_ms,input_tokens,output_tokens\n1,2,3\n', 'f: a trace needs two requests or more'],
    [`${RATES}1,0,1,1,Cauchy,1,1\n`, 'f, line 2: family must be one of Gamma, Weibull'],
    [`${RATES}1,0,1,1,Gamma,-1,1\n`, 'f, line 2: rate_rps must be above 0, shape and scale not below'],
  ])('says what is wrong with %j', (text, message) => {
    expect(() => readTrace('f', text)).toThrow(message);
  });
});
