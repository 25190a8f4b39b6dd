/** Which addresses belong to the public Internet: what a stranger may make this machine talk to. */
import ipaddr from "ipaddr.js";

/** IPv4 networks that are not the public Internet, whatever their registry calls them. */
const REFUSED_IPV4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/4",
  "240.0.0.0/4",
  // A cloud's service for its machines, at a public address (Azure's wire server).
  "168.63.129.16/32",
].map((network) => ipaddr.IPv4.parseCIDR(network));

/** Only 2000::/3 is given out as global unicast (RFC 4291); these parts of it lead elsewhere. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR("2000::/3");
const REFUSED_IPV6 = ["2001::/23", "2002::/16", "2620:4f:8000::/48"].map((network) =>
  ipaddr.IPv6.parseCIDR(network),
);

/** IPv6 networks whose last 32 bits are an IPv4 address that is reached in the end. */
const IPV4_INSIDE = ["::ffff:0:0/96", "64:ff9b::/96"].map((network) =>
  ipaddr.IPv6.parseCIDR(network),
);

/**
 * True for an address of the public Internet, in any spelling (`0x7f.1` is loopback, so is
 * `::ffff:127.0.0.1`). False for loopback, private, link-local (cloud metadata), carrier-grade NAT,
 * unique-local, multicast and reserved addresses, and for what is no address at all. The documentation
 * networks count as public: nothing of value answers there, and closed test networks use them.
 */
export function isPublicAddress(ip: string): boolean {
  const address = parseAddress(ip);
  return address !== null && isPublic(address);
}

/** The usual spelling of an address, or null for what is no address (a name). Brackets are fine. */
export function normalAddress(ip: string): string | null {
  const address = parseAddress(ip);
  return address === null ? null : address.toString();
}

/** Most names have others, and need not be parsed; hexadecimal numbers have an `x`. */
const ADDRESS_CHARACTERS = /^[\d.:a-fx]+$/i;

function parseAddress(ip: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const bare = ip.startsWith("[") && ip.endsWith("]") ? ip.slice(1, -1) : ip;
  // A zone (`fe80::1%eth0`) belongs to a link of this machine.
  if (!ADDRESS_CHARACTERS.test(bare) || !ipaddr.isValid(bare)) return null;
  return ipaddr.parse(bare);
}

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.kind() === "ipv4") {
    const ipv4 = address as ipaddr.IPv4;
    return !REFUSED_IPV4.some((network) => ipv4.match(network));
  }
  const ipv6 = address as ipaddr.IPv6;
  if (IPV4_INSIDE.some((network) => ipv6.match(network))) {
    return isPublic(new ipaddr.IPv4(ipv6.toByteArray().slice(12)));
  }
  return ipv6.match(GLOBAL_IPV6) && !REFUSED_IPV6.some((network) => ipv6.match(network));
}
