/** How sandboxes get out: names are looked up here, and where this machine needs a proxy, through it. */
import { lookup } from "node:dns/promises";
import type { EgressOptions } from "#gateway/egress.ts";
import type { Environment } from "./config.ts";

export function egressOptions(environment: Environment): EgressOptions {
  const proxy = environment["HTTPS_PROXY"] ?? environment["https_proxy"] ?? "";
  return {
    resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
    upstreamProxy: proxy.startsWith("http://") ? proxy : null,
  };
}
