/**
 * What kind of host a URL points at, so that a base URL or webhook cannot reach machines behind our own firewall (SSRF).
 * Every spelling that some resolver accepts is understood: decimal, octal, hexadecimal and short IPv4 forms, IPv4 inside
 * IPv6, brackets, zones, trailing dots. A name that is not an address is `name`: what it resolves to must be classified.
 */
export type AddressClass =
  | 'public'
  | 'loopback'
  | 'private'
  | 'link-local'
  | 'metadata'
  | 'reserved'
  | 'name';

/** Whether a connection may go there; private networks need the operator's word, the rest is never a provider. */
export function mayConnect(address: AddressClass, allowPrivate: boolean): boolean {
  return PERMISSION[address] === 'always' || (PERMISSION[address] === 'private' && allowPrivate);
}

/** The class of a host as it stands in a URL or comes from a resolver. */
export function classifyHost(host: string): AddressClass {
  const bare = host.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '');
  if (bare.includes(':')) {
    const groups = parseIpv6(bare);
    return groups === null ? 'reserved' : classifyIpv6(groups);
  }
  const name = bare.replace(/\.+$/, '').toLowerCase();
  const ipv4 = parseIpv4(name);
  return ipv4 === null ? classifyName(name) : classifyIpv4(ipv4);
}

const PERMISSION: { readonly [Class in AddressClass]: 'always' | 'private' | 'never' } = {
  public: 'always',
  name: 'always',
  loopback: 'private',
  private: 'private',
  'link-local': 'never',
  metadata: 'never',
  reserved: 'never',
};

const METADATA_NAMES = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
]);

function classifyName(name: string): AddressClass {
  if (name === '') return 'reserved';
  if (name === 'localhost' || name.endsWith('.localhost') || name === 'localhost.localdomain')
    return 'loopback';
  if (METADATA_NAMES.has(name)) return 'metadata';
  // WHATWG URL: a host whose last label is a number is an IPv4 address; one that does not parse is nothing at all.
  return /(?:^|\.)(?:\d+|0x[\da-f]*)$/.test(name) ? 'reserved' : 'name';
}

/** First match wins. IANA IPv4 Special-Purpose Address Registry, and the metadata services of the large clouds. */
const IPV4_RANGES: readonly (readonly [network: string, bits: number, class_: AddressClass])[] = [
  ['169.254.169.254', 32, 'metadata'], // AWS, Google, Azure, Oracle and most others
  ['169.254.170.2', 32, 'metadata'], // AWS container credentials
  ['100.100.100.200', 32, 'metadata'], // Alibaba Cloud
  ['168.63.129.16', 32, 'metadata'], // Azure wire server
  ['0.0.0.0', 8, 'reserved'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'private'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link-local'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'reserved'],
  ['192.0.2.0', 24, 'reserved'],
  ['192.88.99.0', 24, 'reserved'],
  ['192.168.0.0', 16, 'private'],
  ['198.18.0.0', 15, 'reserved'],
  ['198.51.100.0', 24, 'reserved'],
  ['203.0.113.0', 24, 'reserved'],
  ['224.0.0.0', 4, 'reserved'],
  ['240.0.0.0', 4, 'reserved'],
];

function classifyIpv4(address: number): AddressClass {
  for (const [network, bits, class_] of IPV4_RANGES) {
    const size = 2 ** (32 - bits);
    if (Math.floor(address / size) === Math.floor((parseIpv4(network) ?? 0) / size)) return class_;
  }
  return 'public';
}

/** Parses all forms of inet_aton: one to four parts, each decimal, octal (0…) or hexadecimal (0x…). */
function parseIpv4(text: string): number | null {
  const parts = text.split('.');
  if (parts.length > 4) return null;
  const numbers: number[] = [];
  for (const part of parts) {
    const number = parsePart(part);
    if (number === null) return null;
    numbers.push(number);
  }
  const last = numbers.pop() ?? 0;
  if (numbers.some((number) => number > 255) || last >= 256 ** (4 - numbers.length)) return null;
  return numbers.reduce((sum, number, index) => sum + number * 256 ** (3 - index), last);
}

function parsePart(part: string): number | null {
  if (/^0x[\da-f]*$/i.test(part)) return part.length === 2 ? 0 : Number.parseInt(part, 16);
  if (/^0[0-7]+$/.test(part)) return Number.parseInt(part, 8);
  return /^\d+$/.test(part) ? Number.parseInt(part, 10) : null;
}

type Groups = readonly number[];

/** Eight groups of 16 bits, or null. */
function parseIpv6(text: string): Groups | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0] ?? '');
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '') : [];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  return [...head, ...Array.from({ length: missing }, () => 0), ...tail];
}

function parseGroups(text: string): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (/^[\da-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else {
      const ipv4 = index === parts.length - 1 && /^\d+(?:\.\d+){3}$/.test(part) ? parseIpv4(part) : null;
      if (ipv4 === null) return null;
      groups.push(Math.floor(ipv4 / 65_536), ipv4 % 65_536);
    }
  }
  return groups;
}

/** First match wins; `embedded` classifies the IPv4 address that starts at that group. IANA IPv6 registry. */
const IPV6_RANGES: readonly (readonly [
  prefix: Groups,
  class_: AddressClass | { readonly embedded: number },
])[] = [
  [[0, 0, 0, 0, 0, 0, 0, 0], 'reserved'],
  [[0, 0, 0, 0, 0, 0, 0, 1], 'loopback'],
  [[0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254], 'metadata'], // AWS over IPv6
  [[0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254], 'metadata'], // Google over IPv6
  [[0, 0, 0, 0, 0, 0xffff], { embedded: 6 }], // mapped
  [[0, 0, 0, 0, 0xffff, 0], { embedded: 6 }], // translated, RFC 2765
  [[0, 0, 0, 0, 0, 0], { embedded: 6 }], // compatible, deprecated
  [[0x64, 0xff9b, 0, 0, 0, 0], { embedded: 6 }], // NAT64
  [[0x64, 0xff9b, 1], 'reserved'], // local NAT64
  [[0x100, 0, 0, 0], 'reserved'], // discard only
  [[0x2001, 0], 'reserved'], // Teredo
  [[0x2001, 0xdb8], 'reserved'], // documentation
  [[0x2002], { embedded: 1 }], // 6to4
  [[0x3fff], 'reserved'], // documentation and its neighbours
  [[0x5f00], 'reserved'], // segment routing
];

function classifyIpv6(groups: Groups): AddressClass {
  for (const [prefix, class_] of IPV6_RANGES) {
    if (!prefix.every((group, index) => groups[index] === group)) continue;
    if (typeof class_ === 'string') return class_;
    return classifyIpv4((groups[class_.embedded] ?? 0) * 65_536 + (groups[class_.embedded + 1] ?? 0));
  }
  const first = groups[0] ?? 0;
  for (const [from, to, class_] of IPV6_BLOCKS) {
    if (first >= from && first <= to) return class_;
  }
  // Site-local, multicast and unassigned.
  return 'reserved';
}

const IPV6_BLOCKS: readonly (readonly [from: number, to: number, class_: AddressClass])[] = [
  [0x2000, 0x3fff, 'public'],
  [0xfc00, 0xfdff, 'private'],
  [0xfe80, 0xfebf, 'link-local'],
];
