/** Which destinations a session may reach, and by which addresses. */
import { isPublicAddress, normalAddress } from "#core/network/addresses.ts";

export interface Destination {
  /** A name in lower case, or an address without brackets. */
  readonly host: string;
  readonly port: number;
}

export type Verdict =
  /** Connect to one of these, and to nothing else: they are the ones that were checked. */
  | { readonly kind: "open"; readonly addresses: readonly string[] }
  /** The proxy in front resolves the name; here nobody can. */
  | { readonly kind: "unresolved" }
  | { readonly kind: "refused"; readonly because: string };

export interface DestinationRules {
  /** All addresses of a name; rejects, or gives none, when there are none. */
  readonly resolve: (host: string) => Promise<readonly string[]>;
  /** `host` (ports 80 and 443) or `host:port`: allowed whatever the address is. */
  readonly allowHosts: readonly string[];
  readonly addressesMax: number;
}

const PORTS = new Set([80, 443]);
const NAME = /^(?=.{1,253}$)(?!-)[a-z0-9_-]{1,63}(?:\.(?!-)[a-z0-9_-]{1,63})*$/;

/** `example.org:443`, `[2001:db8::1]:443`; null for what is neither. */
export function destinationOf(authority: string, defaultPort: number | null): Destination | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:@/?#\s[\]]+))(?::(\d{1,5}))?$/i.exec(authority);
  const host = (match?.[1] ?? match?.[2] ?? "").toLowerCase().replace(/\.$/, "");
  const port = match?.[3] === undefined ? defaultPort : Number(match[3]);
  if (host === "" || port === null || port < 1 || port > 65_535) return null;
  return { host, port };
}

/** As `host:port`, with brackets where an address needs them. */
export function authorityOf({ host, port }: Destination): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

export async function judge(destination: Destination, rules: DestinationRules): Promise<Verdict> {
  const { host, port } = destination;
  const isTrusted = isAllowedHost(destination, rules.allowHosts);
  if (!isTrusted && !PORTS.has(port)) return refused(`port ${port} is neither 80 nor 443`);
  // Also in spellings that only a resolver would take for an address: `0x7f.1`, `2130706433`.
  const literal = normalAddress(host);
  if (literal !== null) {
    if (isTrusted || isPublicAddress(literal)) return { kind: "open", addresses: [literal] };
    return refused("it is not a public address");
  }
  if (!NAME.test(host)) return refused("it is no host name");
  const addresses = await rules.resolve(host).catch(() => []);
  if (addresses.length === 0) return { kind: "unresolved" };
  const usable = isTrusted ? addresses : addresses.filter(isPublicAddress);
  if (usable.length === 0) return refused("it has no public address");
  return { kind: "open", addresses: usable.slice(0, rules.addressesMax) };
}

function isAllowedHost({ host, port }: Destination, allowHosts: readonly string[]): boolean {
  return allowHosts.some((entry) => {
    const allowed = destinationOf(entry, null) ?? destinationOf(entry, port);
    if (allowed?.host !== host || allowed.port !== port) return false;
    return destinationOf(entry, null) !== null || PORTS.has(port);
  });
}

function refused(because: string): Verdict {
  return { kind: "refused", because };
}
