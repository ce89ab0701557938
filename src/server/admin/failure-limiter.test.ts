import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { FailureLimiter } from './failure-limiter.ts';

const MINUTE = 60_000;

function limited(failures: readonly string[], address: string): boolean {
  const limiter = new FailureLimiter(new VirtualClock());
  for (const failure of failures) limiter.failed(failure);
  return limiter.waitMs(address) > 0;
}

describe('FailureLimiter', () => {
  it('stops an address at the fifth failure within a quarter of an hour, until the first is that old', async () => {
    const clock = new VirtualClock();
    const limiter = new FailureLimiter(clock);
    for (let failure = 0; failure < 5; failure += 1) {
      expect(limiter.waitMs('1.2.3.4')).toBe(0);
      limiter.failed('1.2.3.4');
      await clock.advance(MINUTE);
    }
    expect(limiter.waitMs('1.2.3.4')).toBe(10 * MINUTE);
    expect(limiter.waitMs('1.2.3.5')).toBe(0);
    await clock.advance(10 * MINUTE);
    expect(limiter.waitMs('1.2.3.4')).toBe(0);
    limiter.failed('1.2.3.4');
    expect(limiter.waitMs('1.2.3.4')).toBe(MINUTE);
  });

  it('forgets the failures of an address that brings a right key', () => {
    const limiter = new FailureLimiter(new VirtualClock());
    for (let failure = 0; failure < 4; failure += 1) limiter.failed('1.2.3.4');
    limiter.succeeded('1.2.3.4');
    for (let failure = 0; failure < 4; failure += 1) limiter.failed('1.2.3.4');
    expect(limiter.waitMs('1.2.3.4')).toBe(0);
  });

  it.each([
    ['the same IPv4 address', '1.2.3.4', '1.2.3.4', true],
    ['IPv4 written as IPv6', '::ffff:1.2.3.4', '1.2.3.4', true],
    ['another IPv4 address', '1.2.3.4', '1.2.3.5', false],
    ['the same network of IPv6', '2001:db8:1:2::1', '2001:DB8:1:2:aaaa:bbbb:cccc:dddd', true],
    ['another network of IPv6', '2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['short forms of IPv6', '2001:db8::1', '2001:db8:0:0:9::', true],
    ['the loopback', '::1', '::2', true],
  ])('counts %s as it should', (_, failing, asking, expected) => {
    expect(
      limited(
        Array.from({ length: 5 }, () => failing),
        asking,
      ),
    ).toBe(expected);
  });

  it('holds a bounded number of addresses', () => {
    const limiter = new FailureLimiter(new VirtualClock());
    for (let failure = 0; failure < 5; failure += 1) limiter.failed('1.2.3.4');
    for (let id = 0; id < 10_000; id += 1) limiter.failed(`10.${id >> 16}.${(id >> 8) & 255}.${id & 255}`);
    expect(limiter.waitMs('1.2.3.4')).toBe(0);
  });
});
