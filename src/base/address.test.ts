import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { classifyHost, mayConnect, type AddressClass } from './address.ts';

const CASES: readonly (readonly [host: string, class_: AddressClass])[] = [
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['127.1', 'loopback'],
  ['2130706433', 'loopback'],
  ['0x7f000001', 'loopback'],
  ['0x7f.1', 'loopback'],
  ['0177.0.0.1', 'loopback'],
  ['017700000001', 'loopback'],
  ['127.0.0.1.', 'loopback'],
  ['localhost', 'loopback'],
  ['LOCALHOST.', 'loopback'],
  ['a.localhost', 'loopback'],
  ['::1', 'loopback'],
  ['[::1]', 'loopback'],
  ['0:0:0:0:0:0:0:1', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['::ffff:7f00:1', 'loopback'],
  ['::127.0.0.1', 'loopback'],
  ['64:ff9b::127.0.0.1', 'loopback'],
  ['2002:7f00:1::', 'loopback'],
  ['10.0.0.1', 'private'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['172.32.0.0', 'public'],
  ['172.15.255.255', 'public'],
  ['192.168.1.1', 'private'],
  ['100.64.0.1', 'private'],
  ['100.127.255.255', 'private'],
  ['100.128.0.0', 'public'],
  ['fc00::1', 'private'],
  ['fd12:3456::1', 'private'],
  ['::ffff:10.1.2.3', 'private'],
  ['169.254.169.254', 'metadata'],
  ['2852039166', 'metadata'],
  ['0xa9fea9fe', 'metadata'],
  ['0251.0376.0251.0376', 'metadata'],
  ['::ffff:a9fe:a9fe', 'metadata'],
  ['[::ffff:169.254.169.254]', 'metadata'],
  ['64:ff9b::a9fe:a9fe', 'metadata'],
  ['fd00:ec2::254', 'metadata'],
  ['[fd00:ec2:0:0::254]', 'metadata'],
  ['fd20:ce::254', 'metadata'],
  ['100.100.100.200', 'metadata'],
  ['168.63.129.16', 'metadata'],
  ['metadata.google.internal', 'metadata'],
  ['Metadata.Google.Internal.', 'metadata'],
  ['169.254.0.1', 'link-local'],
  ['fe80::1%eth0', 'link-local'],
  ['febf::1', 'link-local'],
  ['0.0.0.0', 'reserved'],
  ['0', 'reserved'],
  ['0x', 'reserved'],
  ['::', 'reserved'],
  ['224.0.0.1', 'reserved'],
  ['255.255.255.255', 'reserved'],
  ['198.18.0.1', 'reserved'],
  ['ff02::1', 'reserved'],
  ['fec0::1', 'reserved'],
  ['2001:db8::1', 'reserved'],
  ['2001:0:53aa:64c::1', 'reserved'],
  ['1.2.3.256', 'reserved'],
  ['1.2.3.4.5', 'reserved'],
  ['4294967296', 'reserved'],
  ['example.0x1', 'reserved'],
  ['', 'reserved'],
  [':::', 'reserved'],
  ['1::2::3', 'reserved'],
  ['12345::', 'reserved'],
  ['8.8.8.8', 'public'],
  ['104.18.7.192', 'public'],
  ['2606:4700::6812:7c0', 'public'],
  ['::ffff:8.8.8.8', 'public'],
  ['api.openai.com', 'name'],
  ['xn--mnchen-3ya.example', 'name'],
];

describe('classifyHost', () => {
  it.each(CASES)('takes %s for %s', (host, class_) => {
    expect(classifyHost(host)).toBe(class_);
  });

  it.each(['http://⑫⑦.0.0.1/', 'http://0x7f.1/', 'http://2130706433/', 'http://good@127.0.0.1/'])(
    'agrees with the URL parser that %s is loopback',
    (url) => {
      expect(classifyHost(new URL(url).hostname)).toBe('loopback');
    },
  );

  it('gives every spelling of an IPv4 address the same class', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (address) => {
        const bytes = [address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255];
        const hex = address.toString(16).padStart(8, '0');
        const class_ = classifyHost(bytes.join('.'));
        const spellings = [
          String(address),
          `0x${hex}`,
          `0${address.toString(8)}`,
          bytes.map((byte) => `0${byte.toString(8)}`).join('.'),
          `${bytes[0]}.${address & 0xffffff}`,
          `::ffff:${bytes.join('.')}`,
          `::ffff:${hex.slice(0, 4)}:${hex.slice(4)}`,
          `64:ff9b::${bytes.join('.')}`,
          `2002:${hex.slice(0, 4)}:${hex.slice(4)}::1`,
        ];
        for (const spelling of spellings)
          expect([spelling, classifyHost(spelling)]).toEqual([spelling, class_]);
      }),
    );
  });

  it('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof classifyHost(text) === 'string'));
  });
});

describe('mayConnect', () => {
  it.each<[AddressClass, boolean, boolean]>([
    ['public', true, true],
    ['name', true, true],
    ['loopback', false, true],
    ['private', false, true],
    ['link-local', false, false],
    ['metadata', false, false],
    ['reserved', false, false],
  ])('%s: %s without and %s with the permission for private addresses', (class_, without, with_) => {
    expect([mayConnect(class_, false), mayConnect(class_, true)]).toEqual([without, with_]);
  });
});
