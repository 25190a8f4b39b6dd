/** What the gateway is given; it reads nothing else. */
import type { Policy } from "#core/policy.ts";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import type { RouteSource } from "#ports/route-source.ts";
import type { EgressOptions } from "./egress.ts";
import type { GatewayLimits } from "./gateway-limits.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";
import type { ServerAssetsOptions } from "./server-assets.ts";

export interface GatewayOptions {
  readonly routes: RouteSource;
  readonly clock: Clock;
  readonly log: Log;
  /** Where everything goes that is no session. */
  readonly api: { readonly socketPath: string };
  readonly policy: Pick<Policy, "requestBodyMaxBytes" | "apiBodyMaxBytes">;
  /** Public host names: exact, `.example.org` for all below it, `*` for any. */
  readonly allowedHosts?: readonly string[];
  /** Addresses and networks whose `X-Forwarded-*` are believed. */
  readonly trustedProxies?: readonly string[];
  /** The shared servers' own files, at one address for all sessions. */
  readonly serverAssets?: ServerAssetsOptions;
  /** The filtered way out, which listens where routes say so. Left out: nothing listens. */
  readonly egress?: EgressOptions;
  readonly limits?: Partial<GatewayLimits>;
}

export interface Gateway {
  /**
   * Resolves when it listens, its routes known; port 0 takes a free one. Errors: port-taken.
   */
  listen(at: { readonly host: string; readonly port: number }): Promise<GatewayAddress>;
  /** Finishes what is short, cuts what is long. Idempotent. */
  close(): Promise<void>;
  /** Null while it does not listen. */
  readonly address: GatewayAddress | null;
  metrics(): GatewayMetrics;
}

export interface GatewayAddress {
  readonly host: string;
  readonly port: number;
  /** `http://host:port`, as this machine reaches it. */
  readonly url: string;
}
