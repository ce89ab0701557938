import { describe, expect, it } from 'vitest';
import { parseTarget, TargetCache } from './target.ts';

describe('parseTarget', () => {
  it.each([
    [
      'https://api.example/v1/chat',
      { secure: true, host: 'api.example', port: 443, authority: 'api.example', path: '/v1/chat' },
    ],
    [
      'http://api.example',
      { secure: false, host: 'api.example', port: 80, authority: 'api.example', path: '/' },
    ],
    ['https://api.example:8443/a?b=c#d', { port: 8443, authority: 'api.example:8443', path: '/a?b=c' }],
    ['https://API.Example:443/', { port: 443, authority: 'api.example', poolKey: 'https://api.example:443' }],
    ['http://[2606:4700::1]:81/', { host: '2606:4700::1', authority: '[2606:4700::1]:81' }],
    ['https://münchen.example/', { host: 'xn--mnchen-3ya.example' }],
    // What could end the request line early is escaped by the URL parser.
    ['http://api.example/a b\r\nx: y', { path: '/a%20bx:%20y' }],
    ['http://api.example/?q=é\u0000z', { path: '/?q=%C3%A9%00z' }],
  ])('reads %j', (url, expected) => {
    expect(parseTarget(url, false)).toMatchObject(expected);
  });

  it('keeps connections apart by protocol, host, port and permission', () => {
    const keys = [
      ['http://a.example/', false],
      ['https://a.example/', false],
      ['http://b.example/', false],
      ['http://a.example:81/', false],
      ['http://a.example/', true],
    ] as const;
    const found = keys.map(([url, allowPrivate]) => {
      const target = parseTarget(url, allowPrivate);
      return 'poolKey' in target ? target.poolKey : null;
    });
    expect(new Set(found).size).toBe(keys.length);
    expect(parseTarget('http://a.example/x', false)).toMatchObject({ poolKey: found[0] });
  });
});

describe('TargetCache', () => {
  it('remembers targets by URL and permission', () => {
    const cache = new TargetCache();
    const target = cache.get('http://127.0.0.1/', true);
    expect(cache.get('http://127.0.0.1/', true)).toBe(target);
    expect(cache.get('http://127.0.0.1/', false)).toMatchObject({ type: 'blocked-address' });
  });

  it('does not grow without end', () => {
    const cache = new TargetCache();
    const first = cache.get('http://a.example/0', false);
    for (let turn = 1; turn <= 1000; turn += 1) cache.get(`http://a.example/${turn}`, false);
    expect(cache.get('http://a.example/0', false)).not.toBe(first);
    expect(cache.get('http://a.example/0', false)).toEqual(first);
  });
});
