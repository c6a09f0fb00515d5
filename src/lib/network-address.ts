import { BlockList, isIP } from "node:net";

const PRIVATE = new BlockList();
for (const [range, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const)
  PRIVATE.addSubnet(range, bits, "ipv4");
for (const [range, bits] of [
  // IPv4 in notations that nothing public uses any more: compatible, translated, Teredo, 6to4.
  ["::", 96],
  ["::ffff:0:0:0", 96],
  ["2001::", 32],
  ["2002::", 16],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001:db8::", 32],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
] as const)
  PRIVATE.addSubnet(range, bits, "ipv6");

const METADATA = new BlockList();
METADATA.addSubnet("169.254.0.0", 16, "ipv4");
METADATA.addSubnet("fe80::", 10, "ipv6");
// Oracle's, Alibaba's and Azure's (which is no private address), and Amazon's in IPv6.
for (const address of ["192.0.0.192", "100.100.100.200", "168.63.129.16"]) METADATA.addAddress(address, "ipv4");
METADATA.addAddress("fd00:ec2::254", "ipv6");

/** Whether an IP address is loopback, private, link-local, multicast or reserved for such use (IANA special-purpose registries); IPv4 inside IPv6 counts as IPv4. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return PRIVATE.check(address, "ipv4");
  if (family !== 6) return true;
  const inside = embeddedIpv4(address);
  return inside === undefined ? PRIVATE.check(address, "ipv6") : PRIVATE.check(inside, "ipv4");
}

/** Whether a cloud answers at this address with what identifies the machine, credentials among it; link-local ones all count. No registry is there. */
export function isMetadataAddress(address: string): boolean {
  const inside = isIP(address) === 6 ? embeddedIpv4(address) : address;
  if (inside !== undefined) return isIP(inside) !== 4 || METADATA.check(inside, "ipv4");
  return METADATA.check(address, "ipv6");
}

/** The IPv4 address in a mapped (::ffff:0:0/96) or NAT64 (64:ff9b::/96) one, however it is written; a zone makes it none. */
function embeddedIpv4(address: string): string | undefined {
  const canonical = URL.parse(`http://[${address}]/`)?.hostname ?? "";
  const groups = /^\[(?:::ffff:|64:ff9b::)(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4})\]$/.exec(canonical);
  if (!groups) return undefined;
  const [high, low] = [groups[1] ?? "0", groups[2]!].map((group) => Number.parseInt(group, 16)) as [number, number];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** Whether `address` lies in one of the ranges (`10.0.0.0/8`, `::1`, plain addresses). */
export function addressMatcher(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const range of ranges) {
    const [base, bits] = range.split("/");
    const family = isIP(base!) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(base!, family);
    else list.addSubnet(base!, Number(bits), family);
  }
  return (address) => {
    const plain = address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
    const family = isIP(plain);
    return family !== 0 && list.check(plain, family === 6 ? "ipv6" : "ipv4");
  };
}
