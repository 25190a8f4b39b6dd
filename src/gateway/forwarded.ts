/** What we tell sessions and the API about the person's side of the connection. */
import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

export interface Forwarded {
  /** The person's address: the last one that no trusted proxy has. */
  readonly address: string;
  readonly protocol: "http" | "https";
  readonly host: string;
}

export type ForwardedReader = (request: IncomingMessage) => Forwarded;

/** Longest chain of proxies that is looked at. */
const CHAIN_MAX = 32;

/**
 * `trustedProxies` are addresses and networks (`10.0.0.0/8`) whose `X-Forwarded-*` are believed.
 * From everyone else those headers are what the person made up, and are dropped.
 */
export function createForwardedReader(trustedProxies: readonly string[]): ForwardedReader {
  const trusted = blockListOf(trustedProxies);
  return (request) => {
    const address = plainAddress(request.socket.remoteAddress);
    const host = request.headers.host ?? "";
    if (trusted === null || !isIn(trusted, address)) return { address, protocol: "http", host };
    const headers = request.headers;
    return {
      address: clientAddress(first(headers["x-forwarded-for"]), address, trusted),
      protocol: lastOf(first(headers["x-forwarded-proto"])) === "https" ? "https" : "http",
      host: lastOf(first(headers["x-forwarded-host"])) ?? host,
    };
  };
}

function blockListOf(entries: readonly string[]): BlockList | null {
  if (entries.length === 0) return null;
  const list = new BlockList();
  for (const entry of entries) {
    const [address = "", prefix] = entry.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

function isIn(list: BlockList, address: string): boolean {
  const version = isIP(address);
  return version !== 0 && list.check(address, version === 6 ? "ipv6" : "ipv4");
}

/** From the right, the first address that is no trusted proxy: what stands left of it is hearsay. */
function clientAddress(chain: string | undefined, peer: string, trusted: BlockList): string {
  if (chain === undefined) return peer;
  const hops = chain.split(",").slice(-CHAIN_MAX).map(hopAddress);
  let nearest = peer;
  for (const hop of hops.reverse()) {
    if (isIP(hop) === 0) return nearest;
    nearest = hop;
    if (!isIn(trusted, hop)) return hop;
  }
  return nearest;
}

/** Some proxies write `[2001:db8::1]:4711` or `192.0.2.1:4711`. */
function hopAddress(text: string): string {
  const hop = text.trim();
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(hop);
  if (bracketed !== null) return plainAddress(bracketed[1]);
  return plainAddress(/^[\d.]+:\d+$/.test(hop) ? hop.slice(0, hop.indexOf(":")) : hop);
}

/** `::ffff:192.0.2.1` is `192.0.2.1` on a socket that listens for both versions. */
function plainAddress(address: string | undefined): string {
  if (address === undefined) return "";
  return address.startsWith("::ffff:") && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** The nearest proxy writes last. */
function lastOf(list: string | undefined): string | undefined {
  const value = list?.slice(list.lastIndexOf(",") + 1).trim();
  return value === "" ? undefined : value;
}
