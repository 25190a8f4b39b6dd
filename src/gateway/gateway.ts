/** The data plane: people's one door to sessions and to the API. It works without a control plane. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { AppError } from "#core/errors.ts";
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
import { RouteCache } from "./route-cache.ts";
import { ServerAssets } from "./server-assets.ts";
import { SessionRelay } from "./session-relay.ts";
import { codeOf } from "./target-socket.ts";
import { Tunnels } from "./tunnels.ts";
import { Upstreams } from "./upstreams.ts";

export function createGateway(options: GatewayOptions): Gateway {
  const { clock, log, policy } = options;
  const limits: GatewayLimits = { ...DEFAULT_GATEWAY_LIMITS, ...options.limits };
  const counters = new Counters();
  const context = { clock, counters, limits };
  const responder = new Responder(counters, limits);
  const upstreams = new Upstreams(clock, limits);
  const egress =
    options.egress === undefined
      ? null
      : new EgressListeners(createEgressFilter({ ...options.egress, clock, log }), log);
  const routes = new RouteCache({
    source: options.routes,
    clock,
    log,
    limits,
    onLearnt: (route) => egress?.add(route),
    onListed: (listed) => egress?.replace(listed),
  });
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
  const server = createHttpServer(door, counters, limits);
  let address: GatewayAddress | null = null;
  let closing: Promise<void> | null = null;

  const closeAll = async (): Promise<void> => {
    address = null;
    routes.stop();
    gate.close();
    await closeServer(server, {
      afterMs: limits.closeGraceMs,
      clock,
      onCut: () => tunnels.closeAll(),
    });
    await Promise.all([upstreams.close(), egress?.close()]);
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

function createHttpServer(door: FrontDoor, counters: Counters, limits: GatewayLimits): Server {
  const server = createServer({
    maxHeaderSize: limits.headerBytesMax,
    headersTimeout: limits.headersTimeoutMs,
    // An upload may take as long as it moves; `timeout` below ends one that does not.
    requestTimeout: 0,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.min(5_000, limits.headersTimeoutMs),
    insecureHTTPParser: false,
    noDelay: true,
    // Other upgrades (h2c) are not done; such a request is served as if it had not asked.
    shouldUpgradeCallback: (request) =>
      request.method === "GET" && request.headers.upgrade?.toLowerCase() === "websocket",
  });
  server.timeout = limits.connectionIdleMs;
  server.maxConnections = limits.connectionsMax;
  server.on("connection", (socket: Socket) => {
    counters.connections.now += 1;
    counters.connections.total += 1;
    socket.once("close", () => {
      counters.connections.now -= 1;
    });
  });
  server.on("drop", () => {
    counters.connections.refused += 1;
  });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    door.handle(request, response);
  });
  // `100 Continue` is said when somebody takes the body, not before its size was looked at.
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    door.handle(request, response);
  });
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    door.upgrade(request, socket, head);
  });
  server.on("clientError", (error: Error, socket: Socket) => {
    counters.malformedRequests += 1;
    refuseMalformed(error, socket);
  });
  return server;
}

/** The request could not even be read; there is no response object yet. */
function refuseMalformed(error: Error, socket: Socket): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const code = codeOf(error);
  const status =
    code === "HPE_HEADER_OVERFLOW"
      ? "431 Request Header Fields Too Large"
      : code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? "408 Request Timeout"
        : "400 Bad Request";
  const head = "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 0\r\nConnection: close";
  socket.end(`HTTP/1.1 ${status}\r\n${head}\r\n\r\n`, () => socket.destroy());
}

function listenOn(
  server: Server,
  at: { readonly host: string; readonly port: number },
): Promise<GatewayAddress> {
  return new Promise((resolve, reject) => {
    const onError = (cause: Error): void => {
      const isTaken = codeOf(cause) === "EADDRINUSE";
      const message = `Port ${at.port} on ${at.host} is in use.`;
      reject(isTaken ? new AppError("port-taken", message, { cause }) : cause);
    };
    server.once("error", onError);
    server.listen({ host: at.host, port: at.port, backlog: 4_096 }, () => {
      server.off("error", onError);
      const { address, port, family } = server.address() as AddressInfo;
      const isAny = address === "0.0.0.0" || address === "::";
      const reachable = isAny ? "127.0.0.1" : family === "IPv6" ? `[${address}]` : address;
      resolve({ host: address, port, url: `http://${reachable}:${port}` });
    });
  });
}

function closeServer(
  server: Server,
  end: {
    readonly afterMs: number;
    readonly clock: GatewayOptions["clock"];
    readonly onCut: () => void;
  },
): Promise<void> {
  return new Promise((resolve) => {
    const cut = (): void => {
      end.onCut();
      server.closeAllConnections();
    };
    const cancel = end.clock.setTimer(end.afterMs, cut);
    // Also called back, with an error, when it never listened.
    server.close(() => {
      cancel();
      resolve();
    });
    server.closeIdleConnections();
  });
}
