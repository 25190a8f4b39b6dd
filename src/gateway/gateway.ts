/** The data plane: people's one door to sessions and to the API. It works without a control plane. */
import { Activity } from "./activity.ts";
import { Responder } from "./answers.ts";
import { ApiGate } from "./api-gate.ts";
import { ApiRelay } from "./api-relay.ts";
import { createEgressFilter } from "./egress.ts";
import { EgressListeners } from "./egress-listeners.ts";
import { createForwardedReader } from "./forwarded.ts";
import { FrontDoor } from "./front-door.ts";
import { DEFAULT_GATEWAY_LIMITS, type GatewayLimits } from "./gateway-limits.ts";
import { Counters } from "./gateway-metrics.ts";
import type { Gateway, GatewayAddress, GatewayOptions } from "./gateway-options.ts";
import { createHostCheck } from "./host-check.ts";
import { closeServer, createHttpServer, listenOn } from "./http-server.ts";
import { RouteCache } from "./route-cache.ts";
import { ServerAssets } from "./server-assets.ts";
import { SessionRelay } from "./session-relay.ts";
import { Tunnels } from "./tunnels.ts";
import { Upstreams } from "./upstreams.ts";

export function createGateway(options: GatewayOptions): Gateway {
  const limits: GatewayLimits = { ...DEFAULT_GATEWAY_LIMITS, ...options.limits };
  const counters = new Counters();
  const egress = createEgress(options);
  const routes = createRoutes(options, limits, egress);
  const { door, tunnels, gate, upstreams } = createDoor(options, { limits, counters, routes });
  const server = createHttpServer(door, counters, limits);
  let address: GatewayAddress | null = null;
  let closing: Promise<void> | null = null;

  const closeAll = async (): Promise<void> => {
    address = null;
    routes.stop();
    gate.close();
    // WebSockets do not end by themselves, so there is nothing to wait for.
    tunnels.closeAll();
    await closeServer(server, options.clock, limits.closeGraceMs);
    upstreams.close();
    await egress?.close();
  };

  return {
    async listen(at) {
      await routes.start();
      address = await listenOn(server, at);
      return address;
    },
    close() {
      closing ??= closeAll();
      return closing;
    },
    get address() {
      return address;
    },
    metrics: () => counters.snapshot(routes.size),
  };
}

function createEgress({ egress, clock, log }: GatewayOptions): EgressListeners | null {
  if (egress === undefined) return null;
  return new EgressListeners(createEgressFilter({ ...egress, clock, log }), log);
}

function createRoutes(
  { routes, clock, log }: GatewayOptions,
  limits: GatewayLimits,
  egress: EgressListeners | null,
): RouteCache {
  return new RouteCache({
    source: routes,
    clock,
    log,
    limits,
    onLearnt: (route) => egress?.add(route),
    onListed: (listed) => egress?.replace(listed),
  });
}

function createDoor(
  options: GatewayOptions,
  made: {
    readonly limits: GatewayLimits;
    readonly counters: Counters;
    readonly routes: RouteCache;
  },
) {
  const { clock, log, policy } = options;
  const { limits, counters, routes } = made;
  const context = { clock, counters, limits };
  const responder = new Responder(counters, limits);
  const upstreams = new Upstreams(clock, limits);
  const activity = new Activity(options.routes, clock, limits.activityIntervalMs);
  const apiTarget = { kind: "unix", path: options.api.socketPath } as const;
  const gate = new ApiGate({ target: apiTarget, clock, counters, limits });
  const tunnels = new Tunnels({ routes, activity, responder, context, log });
  const door = new FrontDoor({
    checkHost: createHostCheck(options.allowedHosts ?? []),
    readForwarded: createForwardedReader(options.trustedProxies ?? []),
    sessions: new SessionRelay({ routes, upstreams, activity, responder, context, policy, log }),
    api: new ApiRelay({ target: apiTarget, gate, upstreams, responder, context, policy, log }),
    assets:
      options.serverAssets === undefined
        ? null
        : new ServerAssets({ options: options.serverAssets, responder, context, log }),
    tunnels,
    apiTarget,
    responder,
    counters,
    log,
  });
  return { door, tunnels, gate, upstreams };
}
