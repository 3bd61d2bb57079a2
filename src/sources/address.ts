import ipaddr from 'ipaddr.js';

export type AddressRanges = [ipaddr.IPv4 | ipaddr.IPv6, number][];

/** Ranges in CIDR form, such as `127.0.0.1/32`. Throws where one is none. */
export function parseRanges(ranges: readonly string[]): AddressRanges {
  return ranges.map((range) => ipaddr.parseCIDR(range));
}

/** True where the address lies in one of the ranges; an IPv4 address wrapped in IPv6 (`::ffff:…`) counts as IPv4. */
export function inRanges(address: string, ranges: AddressRanges): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return ranges.some(([range, bits]) => parsed.kind() === range.kind() && parsed.match(range as never, bits));
}

/** What the internet gives out as IPv6 addresses (IANA); all else is private, reserved, or wraps an IPv4 address. */
const globalIpv6 = parseRanges(['2000::/3']);
/** Ranges inside that one, or of IPv4, that lead elsewhere: 6to4, Teredo and ORCHID, documentation, AS112, AMT. */
const special = parseRanges([
  '2002::/16',
  '2001::/23',
  '2001:db8::/32',
  '3fff::/20',
  '192.0.0.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.175.48.0/24',
  '198.18.0.0/15',
]);

/** True for an address of the public internet: not private, loopback, link-local, shared, reserved, multicast or wrapped. */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast' || inRanges(address, special)) return false;
  return parsed.kind() === 'ipv4' || inRanges(address, globalIpv6);
}
